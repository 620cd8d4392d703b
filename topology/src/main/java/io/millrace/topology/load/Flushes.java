package io.millrace.topology.load;

/**
 * Counts how often all that a stream thread had sent by then was acknowledged, which Kafka Streams
 * waits for before each commit.
 *
 * <p>A stream thread has one, which its producer counts on and its processors look at. Belongs to
 * that thread.
 */
public final class Flushes {

  private static final ThreadLocal<Flushes> OF_THREAD = ThreadLocal.withInitial(Flushes::new);

  private long count;

  private Flushes() {}

  /** Those of the calling thread. */
  public static Flushes ofThisThread() {
    return OF_THREAD.get();
  }

  /** All that was sent before this is acknowledged. */
  public void flushed() {
    count++;
  }

  /** What was sent before one call of this is acknowledged at the next one that returns more. */
  public long count() {
    return count;
  }
}
