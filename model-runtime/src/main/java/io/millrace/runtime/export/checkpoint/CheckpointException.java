package io.millrace.runtime.export.checkpoint;

/** The checkpoint is damaged, incomplete or of a kind that cannot be exported; says which. */
public final class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
