package io.millrace.runtime.prompt;

/** The prompt itself is at fault; the message is for its sender and holds no prompt text. */
public final class PromptException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public PromptException(String message, Throwable cause) {
    super(message, cause);
  }

  public PromptException(String message) {
    super(message);
  }
}
