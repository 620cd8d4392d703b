package io.millrace.topology.log;

import org.jspecify.annotations.Nullable;

/**
 * A failure as it may be logged: the classes of it and its causes, and where they were thrown, but
 * not their messages, which may quote the prompt.
 */
public final class WithoutMessage extends Exception {

  private static final long serialVersionUID = 1L;

  private WithoutMessage(Throwable failure) {
    super(failure.getClass().getName(), causeOf(failure), false, true);
    setStackTrace(failure.getStackTrace());
  }

  /** The same failure, without what it says. */
  public static WithoutMessage of(Throwable failure) {
    return new WithoutMessage(failure);
  }

  private static @Nullable WithoutMessage causeOf(Throwable failure) {
    var cause = failure.getCause();
    return cause == null ? null : new WithoutMessage(cause);
  }
}
