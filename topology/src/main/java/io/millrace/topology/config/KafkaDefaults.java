package io.millrace.topology.config;

import java.util.Map;
import java.util.Objects;

/**
 * Numbers that Kafka's clients get where the configuration says nothing, by the names that {@link
 * KafkaSettings} knows.
 */
public final class KafkaDefaults {

  /**
   * What has been fetched is processed even if the partition is full by then, so this bounds by how
   * much the high-water mark can be passed.
   */
  public static final int RECORDS_AHEAD = 100;

  /**
   * In milliseconds. A killed processor is missed this late, the soonest that a broker grants by
   * default. One that is missed and was alive loses nothing: it is fenced, and its prompts go on
   * elsewhere.
   */
  private static final int SESSION_TIMEOUT = 6_000;

  /** In milliseconds. Three of them may be late. */
  private static final int HEARTBEAT_INTERVAL = 1_500;

  /**
   * In milliseconds. What a killed processor has left open holds back those who read committed, and
   * the next owner of its partitions, for this long and until the broker next looks (every 10 s),
   * where no other processor is there to abort it. Not longer than the session, so that the group
   * is no sooner done with it; many times a commit interval.
   */
  private static final int TRANSACTION_TIMEOUT = 6_000;

  private static final int COMMIT_INTERVAL = 100;

  /**
   * In milliseconds. Changelogs are nearly empty at most starts, and a broker answers the fetch of
   * an empty one only after this time. What comes next on the connection waits behind it: where the
   * changelogs of the tasks begin. Kafka's 500 ms would add up to more than a second.
   */
  private static final int RESTORE_WAIT = 50;

  /** Kafka Streams would wait 100 ms for company before it sends. No token has that long. */
  private static final int LINGER = 0;

  /**
   * By default a task waits for a record of each of its partitions that has more, and a paused one
   * delivers none: commands would wait until the prompts that they are to end are done.
   */
  private static final int NO_TASK_IDLE = -1;

  private static final String DELIVERY_TIMEOUT = "producer.delivery.timeout.ms";

  /** Those of Millrace, which take the place of Kafka's. */
  public static final Map<String, Integer> OWN =
      Map.of(
          "commit.interval.ms", COMMIT_INTERVAL,
          "max.task.idle.ms", NO_TASK_IDLE,
          "consumer.max.poll.records", RECORDS_AHEAD,
          "consumer.session.timeout.ms", SESSION_TIMEOUT,
          "consumer.heartbeat.interval.ms", HEARTBEAT_INTERVAL,
          "restore.consumer.fetch.max.wait.ms", RESTORE_WAIT,
          "producer.transaction.timeout.ms", TRANSACTION_TIMEOUT,
          "producer.linger.ms", LINGER);

  /** Those of Kafka on which something here depends. */
  private static final Map<String, Integer> KAFKAS =
      Map.of(
          "consumer.max.poll.interval.ms",
          300_000,
          DELIVERY_TIMEOUT,
          120_000,
          "producer.max.block.ms",
          60_000,
          "producer.max.request.size",
          1 << 20,
          "producer.request.timeout.ms",
          30_000);

  private KafkaDefaults() {}

  /** The default of a number that is known here. */
  static long number(String name, boolean exactlyOnce) {
    if (exactlyOnce && name.equals(DELIVERY_TIMEOUT)) {
      // Kafka Streams leaves it to the transaction's timeout.
      return Integer.MAX_VALUE;
    }
    var own = OWN.get(name);
    return own != null ? own : Objects.requireNonNull(KAFKAS.get(name), name);
  }
}
