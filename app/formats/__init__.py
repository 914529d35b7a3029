"""Networks and tensors in and out of files. What is read is data: nothing is unpickled, evaluated or imported."""
