package io.millrace.topology.config;

import java.util.Map;

/** What a processor gives Kafka's clients where the configuration says nothing, in milliseconds. */
public final class KafkaDefaults {

  /**
   * A killed processor is missed this late, the soonest that a broker grants by default. One that
   * is missed and was alive loses nothing: it is fenced, and its prompts go on elsewhere.
   */
  public static final int SESSION_TIMEOUT = 6_000;

  /** Three of them may be late. */
  public static final int HEARTBEAT_INTERVAL = 1_500;

  /**
   * What a killed processor has left open holds back those who read committed, and the next owner
   * of its partitions, for this long and until the broker next looks (every 10 s). Not longer than
   * the session, so that the group is no sooner done with it; many times a commit interval.
   */
  public static final int TRANSACTION_TIMEOUT = 6_000;

  public static final int COMMIT_INTERVAL = 100;
  public static final int LINGER = 0;

  /** All of them, by the names that they have in the section {@code kafka}. */
  public static final Map<String, Integer> TIMES =
      Map.of(
          "commit.interval.ms", COMMIT_INTERVAL,
          "consumer.session.timeout.ms", SESSION_TIMEOUT,
          "consumer.heartbeat.interval.ms", HEARTBEAT_INTERVAL,
          "producer.transaction.timeout.ms", TRANSACTION_TIMEOUT,
          "producer.linger.ms", LINGER);

  private KafkaDefaults() {}
}
