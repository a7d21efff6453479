/* Fragments of a fragview.FragView, for C and C++. Nothing to link.
 *
 *     PyObject *capsule = PyObject_CallMethod(view, "__fragview_c_fragments__", NULL);
 *     struct fragview_fragments fragments;
 *     if (capsule == NULL || fragview_take(capsule, &fragments) < 0)
 *         return NULL;                                      // a Python exception is set
 *     Py_DECREF(capsule);
 *     for (int64_t i = 0; i < fragments.count; i++)
 *         use(fragments.fragments[i].iov_base, fragments.fragments[i].iov_len);
 *     fragments.release(&fragments);
 *
 * The array is one of POSIX's `struct iovec`: writev() takes it as it is where no fragment is a hole. A hole's base is NULL; its
 * bytes are zeros. Other threads and processes may write the fragments at any time.
 *
 * Ownership is as in Arrow's C data interface. The capsule releases a struct that was not taken. To take it, copy the struct and
 * set `release` of the original to NULL; then call `release` of the copy once, from any thread, with or without the GIL.
 * While the struct is not released, the view can't be released, and its sources stay as they are.
 */
#ifndef FRAGVIEW_H
#define FRAGVIEW_H

#include <stddef.h>
#include <stdint.h>
#if defined(_WIN32)
struct iovec {
    void *iov_base;
    size_t iov_len;
};
#else
#include <sys/uio.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define FRAGVIEW_FRAGMENTS_VERSION 1
#define FRAGVIEW_FRAGMENTS_NAME "fragview_fragments"

struct fragview_fragments {
    int64_t version;               /* FRAGVIEW_FRAGMENTS_VERSION */
    int64_t nbytes;                /* the bytes of all fragments together */
    int64_t itemsize;              /* the bytes of an item; an item may lie in several fragments */
    const char *format;            /* an item's format as the struct module has it; NULL: bytes */
    int64_t count;                 /* the number of fragments */
    const struct iovec *fragments; /* count of them, in order */
    const uint8_t *readonly;       /* a byte a fragment, not 0 where it is read-only; NULL: all are writable */
    void (*release)(struct fragview_fragments *); /* NULL: released, or taken */
    void *private_data;            /* the producer's own */
};

#ifdef Py_PYTHON_H
/* Takes the struct out of a capsule. Returns 0, or -1 with an exception set. The caller calls `target->release(target)`. */
static inline int fragview_take(PyObject *capsule, struct fragview_fragments *target) {
    struct fragview_fragments *source =
        (struct fragview_fragments *)PyCapsule_GetPointer(capsule, FRAGVIEW_FRAGMENTS_NAME);
    if (source == NULL)
        return -1;
    if (source->release == NULL) {
        PyErr_SetString(PyExc_ValueError, "the fragments were taken or released before");
        return -1;
    }
    if (source->version != FRAGVIEW_FRAGMENTS_VERSION) {
        PyErr_Format(PyExc_ValueError, "the fragments are of version %lld, this program reads version %d",
                     (long long)source->version, FRAGVIEW_FRAGMENTS_VERSION);
        return -1;
    }
    *target = *source;
    source->release = NULL;
    return 0;
}

static void fragview_free_capsule(PyObject *capsule) {
    struct fragview_fragments *fragments =
        (struct fragview_fragments *)PyCapsule_GetPointer(capsule, FRAGVIEW_FRAGMENTS_NAME);
    if (fragments != NULL) {
        if (fragments->release != NULL)
            fragments->release(fragments);
        PyMem_Free(fragments);
    }
}

/* Gives a struct away as a capsule, which `FragView(object)` takes from a method `__fragview_c_fragments__(*, writable=False)` of
 * `object`. The struct is copied, and taken from the caller. Returns NULL with an exception set, and the caller keeps it. */
static inline PyObject *fragview_give(struct fragview_fragments *fragments) {
    struct fragview_fragments *copy =
        (struct fragview_fragments *)PyMem_Malloc(sizeof(struct fragview_fragments));
    if (copy == NULL)
        return PyErr_NoMemory();
    *copy = *fragments;
    PyObject *capsule = PyCapsule_New(copy, FRAGVIEW_FRAGMENTS_NAME, fragview_free_capsule);
    if (capsule == NULL) {
        PyMem_Free(copy);
        return NULL;
    }
    fragments->release = NULL;
    return capsule;
}
#endif /* Py_PYTHON_H */

#ifdef __cplusplus
}
#endif
#endif /* FRAGVIEW_H */
