package io.millrace.runtime.session;

/** A step of the model failed; the rows that took part in it are lost, the others are not. */
public final class DecoderException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public DecoderException(String message, Throwable cause) {
    super(message, cause);
  }
}
