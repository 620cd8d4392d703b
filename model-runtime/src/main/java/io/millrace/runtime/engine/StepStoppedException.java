package io.millrace.runtime.engine;

import java.time.Duration;

/** A step of the model ran for too long and was stopped. */
final class StepStoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StepStoppedException(Duration limit, Throwable failure) {
    super("a step has not ended within " + limit, failure);
  }
}
