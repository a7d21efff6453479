/* Sums of bytes, as a C extension takes them: from one contiguous buffer, and from the fragments of a view. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "fragview.h"

static uint64_t add(const uint8_t *bytes, size_t length) {
    uint64_t total = 0;
    for (size_t at = 0; at < length; at++)
        total += bytes[at];
    return total;
}

static PyObject *sum_buffer(PyObject *module, PyObject *object) {
    (void)module;
    Py_buffer buffer;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_SIMPLE) < 0)
        return NULL;
    uint64_t total = add(buffer.buf, (size_t)buffer.len);
    PyBuffer_Release(&buffer);
    return PyLong_FromUnsignedLongLong(total);
}

static int take(PyObject *view, struct fragview_fragments *fragments) {
    PyObject *capsule = PyObject_CallMethod(view, "__fragview_c_fragments__", NULL);
    if (capsule == NULL)
        return -1;
    int taken = fragview_take(capsule, fragments);
    Py_DECREF(capsule);
    return taken;
}

static PyObject *sum_fragments(PyObject *module, PyObject *view) {
    (void)module;
    struct fragview_fragments fragments;
    uint64_t total = 0;
    if (take(view, &fragments) < 0)
        return NULL;
    for (int64_t i = 0; i < fragments.count; i++)
        if (fragments.fragments[i].iov_base != NULL)
            total += add(fragments.fragments[i].iov_base, fragments.fragments[i].iov_len);
    fragments.release(&fragments);
    return PyLong_FromUnsignedLongLong(total);
}

/* Takes the struct and gives it back: the cost of the door alone. */
static PyObject *take_fragments(PyObject *module, PyObject *view) {
    (void)module;
    struct fragview_fragments fragments;
    if (take(view, &fragments) < 0)
        return NULL;
    int64_t count = fragments.count;
    fragments.release(&fragments);
    return PyLong_FromLongLong(count);
}

static PyMethodDef methods[] = {
    {"sum_buffer", sum_buffer, METH_O, "The sum of a contiguous buffer's bytes."},
    {"sum_fragments", sum_fragments, METH_O, "The sum of a view's bytes, fragment by fragment."},
    {"take_fragments", take_fragments, METH_O, "Take a view's fragments and release them; their number."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "bench_native", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC PyInit_bench_native(void) {
    return PyModuleDef_Init(&definition);
}
