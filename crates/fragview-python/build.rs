//! Tells the code which interpreter it is built for: `Py_GIL_DISABLED` on a free-threaded one.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
