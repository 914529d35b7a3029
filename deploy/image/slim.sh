#!/bin/sh
# slim.sh FOLDER: takes from an installation what no server needs. check.py shows that it still serves.
set -eu
cd "$1"/lib/python3.*/site-packages
# For programs in C++ and for torch's own tests; of its programs, what shares tensors between processes stays.
rm -rf torch/include torch/share torch/test nvidia/*/include
find torch/bin -mindepth 1 ! -name torch_shm_manager -delete
find torch/lib -name '*.a' -delete
rm -f torch/lib/libjitbackend_test.so torch/lib/libbackend_with_compiler.so torch/lib/libtorchbind_test.so \
    torch/lib/libaoti_custom_ops.so
# torch names setuptools for those who compile its extensions.
rm -rf setuptools setuptools-* _distutils_hack distutils-precedence.pth pkg_resources
find . -type d -name tests -prune -exec rm -rf {} +
find . -name '*.pyi' -delete
