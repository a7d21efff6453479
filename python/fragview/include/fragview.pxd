# Fragments of a fragview.FragView, for Cython. `fragview.get_include()` is the folder of this file and of fragview.h:
#
#     from fragview cimport fragview_fragments, fragview_take
from libc.stdint cimport int64_t, uint8_t


cdef extern from "<sys/uio.h>" nogil:
    cdef struct iovec:
        void *iov_base
        size_t iov_len


cdef extern from "fragview.h" nogil:
    cdef struct fragview_fragments:
        int64_t version
        int64_t nbytes
        int64_t itemsize
        const char *format
        int64_t count
        const iovec *fragments
        const uint8_t *readonly
        void (*release)(fragview_fragments *) noexcept nogil
        void *private_data


cdef extern from "fragview.h":
    int fragview_take(object capsule, fragview_fragments *target) except -1
    object fragview_give(fragview_fragments *fragments)
