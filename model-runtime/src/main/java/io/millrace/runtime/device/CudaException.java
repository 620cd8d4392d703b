package io.millrace.runtime.device;

/** CUDA is not there, or reported an error; the message says which. */
public final class CudaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CudaException(String message) {
    super(message);
  }
}
