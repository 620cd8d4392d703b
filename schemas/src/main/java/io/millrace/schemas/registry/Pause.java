package io.millrace.schemas.registry;

import java.time.Duration;

/** Lets time pass between two tries; tests let none pass. */
@FunctionalInterface
interface Pause {

  Pause SLEEP = Thread::sleep;

  void pause(Duration duration) throws InterruptedException;
}
