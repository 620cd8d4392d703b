package io.millrace.runtime.sampling;

/** A sampling parameter is outside its range. */
public final class InvalidParameterException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /**
   * @param range what it has to be
   * @param value what it is
   */
  public InvalidParameterException(String parameter, String range, Object value) {
    super(parameter + " must be " + range + ", not " + value);
  }
}
