/* A C extension that walks the fragments of a view: sums, fills, writes them out, keeps them, drops them in another thread, and
 * gives fragments of its own. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "fragview.h"

static int take(PyObject *view, int writable, struct fragview_fragments *fragments) {
    PyObject *method = PyObject_GetAttrString(view, "__fragview_c_fragments__");
    PyObject *arguments = PyTuple_New(0);
    PyObject *options = Py_BuildValue("{s:O}", "writable", writable ? Py_True : Py_False);
    PyObject *capsule = NULL;
    int status = -1;
    if (method != NULL && arguments != NULL && options != NULL)
        capsule = PyObject_Call(method, arguments, options);
    if (capsule != NULL)
        status = fragview_take(capsule, fragments);
    Py_XDECREF(capsule);
    Py_XDECREF(options);
    Py_XDECREF(arguments);
    Py_XDECREF(method);
    return status;
}

static PyObject *sum(PyObject *module, PyObject *view) {
    (void)module;
    struct fragview_fragments fragments;
    uint64_t total = 0;
    if (take(view, 0, &fragments) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    for (int64_t i = 0; i < fragments.count; i++) {
        const uint8_t *bytes = fragments.fragments[i].iov_base;
        if (bytes == NULL)
            continue;
        for (size_t at = 0; at < fragments.fragments[i].iov_len; at++)
            total += bytes[at];
    }
    /* Without the GIL, as any thread may. */
    fragments.release(&fragments);
    Py_END_ALLOW_THREADS
    return PyLong_FromUnsignedLongLong(total);
}

static PyObject *fill(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *view;
    unsigned char byte;
    struct fragview_fragments fragments;
    if (!PyArg_ParseTuple(args, "Ob", &view, &byte) || take(view, 1, &fragments) < 0)
        return NULL;
    for (int64_t i = 0; i < fragments.count; i++)
        for (size_t at = 0; at < fragments.fragments[i].iov_len; at++)
            ((volatile uint8_t *)fragments.fragments[i].iov_base)[at] = byte;
    int64_t count = fragments.count;
    fragments.release(&fragments);
    return PyLong_FromLongLong(count);
}

/* writev() takes the array as it is. */
static PyObject *write_out(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *view;
    int descriptor;
    struct fragview_fragments fragments;
    long long written = 0;
    if (!PyArg_ParseTuple(args, "Oi", &view, &descriptor) || take(view, 0, &fragments) < 0)
        return NULL;
    for (int64_t i = 0; i < fragments.count; i += IOV_MAX) {
        int64_t left = fragments.count - i;
        ssize_t done = writev(descriptor, fragments.fragments + i, (int)(left < IOV_MAX ? left : IOV_MAX));
        if (done < 0) {
            fragments.release(&fragments);
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        written += done;
    }
    fragments.release(&fragments);
    return PyLong_FromLongLong(written);
}

static void *drop(void *fragments) {
    ((struct fragview_fragments *)fragments)->release(fragments);
    free(fragments);
    return NULL;
}

static struct fragview_fragments *kept = NULL;

static PyObject *keep(PyObject *module, PyObject *view) {
    (void)module;
    struct fragview_fragments *fragments = malloc(sizeof *fragments);
    if (fragments == NULL)
        return PyErr_NoMemory();
    if (take(view, 0, fragments) < 0) {
        free(fragments);
        return NULL;
    }
    kept = fragments;
    return PyLong_FromLongLong(fragments->count);
}

/* Releases what keep() took in a thread that Python has never seen. */
static PyObject *drop_in_thread(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    pthread_t thread;
    if (kept == NULL || pthread_create(&thread, NULL, drop, kept) != 0) {
        PyErr_SetString(PyExc_RuntimeError, "nothing is kept, or there is no thread");
        return NULL;
    }
    kept = NULL;
    Py_BEGIN_ALLOW_THREADS
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* A producer: `count` fragments of 3 bytes each, every third one a hole, every other one read-only. */
struct made {
    int64_t count;
    uint8_t *bytes;
    uint8_t *readonly;
    struct iovec *fragments;
};

static int released = 0;

static void release_made(struct fragview_fragments *fragments) {
    struct made *made = fragments->private_data;
    free(made->bytes);
    free(made->readonly);
    free(made->fragments);
    free(made);
    fragments->release = NULL;
    released++;
}

static PyObject *make(PyObject *module, PyObject *args) {
    (void)module;
    long long count, told;
    if (!PyArg_ParseTuple(args, "LL", &count, &told))
        return NULL;
    struct made *made = malloc(sizeof *made);
    made->count = count;
    made->bytes = malloc(3 * (size_t)count + 1);
    made->readonly = malloc((size_t)count + 1);
    made->fragments = malloc(sizeof(struct iovec) * ((size_t)count + 1));
    for (int64_t i = 0; i < count; i++) {
        for (int at = 0; at < 3; at++)
            made->bytes[3 * i + at] = (uint8_t)(3 * i + at);
        made->readonly[i] = (uint8_t)(i % 2);
        made->fragments[i].iov_base = i % 3 == 2 ? NULL : made->bytes + 3 * i;
        made->fragments[i].iov_len = 3;
    }
    struct fragview_fragments fragments = {
        .version = FRAGVIEW_FRAGMENTS_VERSION,
        .nbytes = told,
        .itemsize = 1,
        .format = NULL,
        .count = count,
        .fragments = made->fragments,
        .readonly = made->readonly,
        .release = release_made,
        .private_data = made,
    };
    PyObject *capsule = fragview_give(&fragments);
    if (capsule == NULL)
        fragments.release(&fragments);
    return capsule;
}

static PyObject *count_released(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromLong(released);
}

static PyMethodDef methods[] = {
    {"sum", sum, METH_O, "The sum of a view's bytes."},
    {"fill", fill, METH_VARARGS, "Fill a view with a byte; returns the number of fragments."},
    {"write_out", write_out, METH_VARARGS, "Write a view to a descriptor."},
    {"keep", keep, METH_O, "Keep a view's fragments."},
    {"drop_in_thread", drop_in_thread, METH_NOARGS, "Release what was kept, in a thread of its own."},
    {"make", make, METH_VARARGS, "A capsule of fragments of this module's own."},
    {"count_released", count_released, METH_NOARGS, "How many of them were released."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030d0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "walker", .m_size = 0, .m_methods = methods, .m_slots = slots,
};

PyMODINIT_FUNC PyInit_walker(void) {
    return PyModuleDef_Init(&definition);
}
