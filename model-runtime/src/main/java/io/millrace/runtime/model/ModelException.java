package io.millrace.runtime.model;

import java.nio.file.Path;

/** A model directory cannot be used; the message names the file, the key and what is wrong. */
public final class ModelException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }

  static ModelException in(Path file, String problem) {
    return new ModelException(file + ": " + problem);
  }
}
