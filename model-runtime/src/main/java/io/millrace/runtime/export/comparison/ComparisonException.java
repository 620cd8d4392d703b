package io.millrace.runtime.export.comparison;

/** Two models cannot be compared, or not on these dialogues; says why. */
public final class ComparisonException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ComparisonException(String message) {
    super(message);
  }

  public ComparisonException(String message, Throwable cause) {
    super(message, cause);
  }
}
