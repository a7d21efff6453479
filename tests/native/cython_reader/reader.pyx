# cython: language_level=3, freethreading_compatible=True
"""Walks the fragments of views, by fragview.pxd."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from fragview cimport fragview_fragments, fragview_take, iovec

cdef extern from "<sys/uio.h>" nogil:
    ssize_t writev(int, const iovec *, int)

# The fragments that keep() took.
cdef fragview_fragments kept


def total(view):
    """The sum of a view's bytes."""
    cdef fragview_fragments fragments
    cdef const uint8_t *first
    cdef uint64_t sum = 0
    cdef int64_t index
    cdef size_t at
    fragview_take(view.__fragview_c_fragments__(), &fragments)
    with nogil:
        for index in range(fragments.count):
            first = <const uint8_t *>fragments.fragments[index].iov_base
            if first == NULL:
                continue
            for at in range(fragments.fragments[index].iov_len):
                sum += first[at]
        fragments.release(&fragments)
    return sum


def fill(view, uint8_t byte):
    """Write a byte everywhere; returns the number of fragments."""
    cdef fragview_fragments fragments
    cdef int64_t index
    cdef size_t at
    fragview_take(view.__fragview_c_fragments__(writable=True), &fragments)
    with nogil:
        for index in range(fragments.count):
            for at in range(fragments.fragments[index].iov_len):
                (<uint8_t *>fragments.fragments[index].iov_base)[at] = byte
    count = fragments.count
    fragments.release(&fragments)
    return count


def write_out(view, int descriptor):
    """Write the bytes to a descriptor; returns their number. writev() takes the array as it is."""
    cdef fragview_fragments fragments
    cdef int64_t index
    cdef int count
    cdef ssize_t done = 0, sum = 0
    fragview_take(view.__fragview_c_fragments__(), &fragments)
    with nogil:
        for index in range(0, fragments.count, 1024):
            count = <int>min(1024, fragments.count - index)
            done = writev(descriptor, fragments.fragments + index, count)
            if done < 0:
                break
            sum += done
        fragments.release(&fragments)
    if done < 0:
        raise OSError("writev")
    return sum


def keep(view):
    """Keep a view's fragments; returns their number."""
    fragview_take(view.__fragview_c_fragments__(), &kept)
    return kept.count


def drop():
    """Release what was kept, without the GIL."""
    with nogil:
        kept.release(&kept)
