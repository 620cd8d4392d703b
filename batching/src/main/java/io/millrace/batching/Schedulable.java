package io.millrace.batching;

/** What the scheduler needs to know of a prompt beyond {@link Batchable}: who shares with whom. */
public interface Schedulable extends Batchable {

  /** On whose behalf: tenants get equal shares of the tokens while they wait for each other. */
  String tenant();

  /** Where it came from, such as a partition: the sources of a tenant share alike among them. */
  Object source();
}
