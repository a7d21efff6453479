"""A Cython module that reads fragments, as its author would build it."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import fragview

include = fragview.get_include()
extension = Extension("reader", ["reader.pyx"], include_dirs=[include])
setup(name="reader", ext_modules=cythonize([extension], include_path=[include]))
