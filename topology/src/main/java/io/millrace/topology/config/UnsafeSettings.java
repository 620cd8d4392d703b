package io.millrace.topology.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Settings that each are valid and together break a promise, with the reason and what mends it; and
 * those that only cost time.
 */
public final class UnsafeSettings {

  /** A transaction lives for a commit interval and for as long as its end takes. */
  private static final long END_OF_TRANSACTION_MILLIS = 1_000;

  private static final long LONG_COMMIT_INTERVAL_MILLIS = 1_000;
  private static final long LONG_LINGER_MILLIS = 10;

  private static final String LEAVE_OUT = "leave it out";
  private static final String LOWER = "lower it";

  private final KafkaSettings kafka;
  private final InflightSettings inflight;
  private final boolean exactlyOnce;
  private final List<UnsafeSetting> refusals = new ArrayList<>();
  private final List<UnsafeSetting> warnings = new ArrayList<>();

  private UnsafeSettings(MillraceConfiguration configuration) {
    kafka = configuration.kafkaSettings();
    inflight = configuration.inflight();
    exactlyOnce = configuration.isExactlyOnce();
    reading();
    writing();
    membership();
    transactions();
  }

  /** Why a processor is not to start with this configuration; empty if it may. */
  static List<UnsafeSetting> refusals(MillraceConfiguration configuration) {
    try {
      return new UnsafeSettings(configuration).refusals;
    } catch (IllegalArgumentException noNumber) {
      return List.of(new UnsafeSetting(String.valueOf(noNumber.getMessage()), "correct it"));
    }
  }

  /** What is slower with this configuration than it need be. */
  public static List<UnsafeSetting> warnings(MillraceConfiguration configuration) {
    return List.copyOf(new UnsafeSettings(configuration).warnings);
  }

  private void reading() {
    var reset = kafka.text("consumer.auto.offset.reset", "earliest");
    if (!reset.equals("earliest") && !reset.equals("none")) {
      refuse(
          "kafka.consumer.auto.offset.reset %s skips prompts that came before the first start"
              .formatted(reset),
          LEAVE_OUT);
    }
    var isolation = kafka.text("consumer.isolation.level", "read_committed");
    if (exactlyOnce && !isolation.equals("read_committed")) {
      refuse(
          ("kafka.consumer.isolation.level %s would answer prompts of transactions that are taken"
                  + " back")
              .formatted(isolation),
          LEAVE_OUT);
    }
    var protocol = kafka.text("group.protocol", "classic");
    if (!protocol.equals("classic")) {
      refuse(
          ("kafka.group.protocol %s brings its own consumer, which does not stop fetching when"
                  + " enough prompts are in flight")
              .formatted(protocol),
          LEAVE_OUT);
    }
    long records = kafka.number("consumer.max.poll.records");
    if (records > inflight.maxPerPartition()) {
      warn(
          ("kafka.consumer.max.poll.records %d is more than inflight.max-per-partition %d: so many"
                  + " more prompts may be in flight")
              .formatted(records, inflight.maxPerPartition()),
          LOWER);
    }
    if (kafka.number("max.task.idle.ms") >= 0) {
      warn(
          "kafka.max.task.idle.ms makes commands wait while their prompts' partition is paused",
          LEAVE_OUT);
    }
  }

  private void writing() {
    var acks = kafka.text("producer.acks", "all");
    if (!acks.equals("all") && !acks.equals("-1")) {
      refuse(
          "kafka.producer.acks %s loses events that were acknowledged when a broker fails"
              .formatted(acks),
          LEAVE_OUT);
    }
    if (kafka.text("producer.enable.idempotence", "true").equals("false")) {
      refuse(
          "kafka.producer.enable.idempotence false writes events twice when a send is repeated",
          LEAVE_OUT);
    }
    long linger = kafka.number("producer.linger.ms");
    long request = kafka.number("producer.request.timeout.ms");
    long delivery = kafka.number("producer.delivery.timeout.ms");
    if (delivery < linger + request) {
      refuse(
          ("kafka.producer.delivery.timeout.ms %d is less than linger.ms %d and request.timeout.ms"
                  + " %d together, so that no send could be repeated")
              .formatted(delivery, linger, request),
          "raise it");
    }
    if (linger > LONG_LINGER_MILLIS) {
      warn(
          "kafka.producer.linger.ms %d is added to the latency of every token".formatted(linger),
          LOWER);
    }
    for (var handler :
        List.of(
            "processing.exception.handler",
            "production.exception.handler",
            "default.production.exception.handler")) {
      if (kafka.find(handler).isPresent()) {
        refuse(
            "kafka.%s would take the place of the one that writes dead letters".formatted(handler),
            LEAVE_OUT);
      }
    }
  }

  private void membership() {
    long session = kafka.number("consumer.session.timeout.ms");
    long heartbeat = kafka.number("consumer.heartbeat.interval.ms");
    if (heartbeat * 2 > session) {
      refuse(
          ("kafka.consumer.heartbeat.interval.ms %d leaves no room for a late heartbeat in"
                  + " session.timeout.ms %d, so healthy processors would lose their partitions")
              .formatted(heartbeat, session),
          "set it to a third or less");
    } else if (heartbeat * 3 > session) {
      warn(
          ("kafka.consumer.heartbeat.interval.ms %d is more than a third of session.timeout.ms %d:"
                  + " two late heartbeats cost the partitions")
              .formatted(heartbeat, session),
          LOWER);
    }
    long interval = kafka.number("consumer.max.poll.interval.ms");
    long block = kafka.number("producer.max.block.ms");
    if (interval <= block) {
      refuse(
          ("kafka.consumer.max.poll.interval.ms %d is not more than producer.max.block.ms %d, so a"
                  + " broker that is slow to answer would cost a healthy processor its partitions")
              .formatted(interval, block),
          "raise the first or lower the second");
    }
  }

  private void transactions() {
    long commit = kafka.number("commit.interval.ms");
    if (!exactlyOnce) {
      return;
    }
    long transaction = kafka.number("producer.transaction.timeout.ms");
    if (transaction < commit + END_OF_TRANSACTION_MILLIS) {
      refuse(
          ("kafka.producer.transaction.timeout.ms %d is too short for commit.interval.ms %d:"
                  + " brokers would abort transactions before they are committed, again and again")
              .formatted(transaction, commit),
          "make it at least a second more");
    }
    long session = kafka.number("consumer.session.timeout.ms");
    if (transaction > session) {
      warn(
          ("kafka.producer.transaction.timeout.ms %d is more than consumer.session.timeout.ms %d:"
                  + " after a crash, another processor waits for it and readers see nothing"
                  + " committed")
              .formatted(transaction, session),
          LOWER);
    }
    if (commit > LONG_COMMIT_INTERVAL_MILLIS) {
      warn(
          "kafka.commit.interval.ms %d is how much later those who read committed see completions"
              .formatted(commit),
          LOWER);
    }
  }

  private void refuse(String reason, String mend) {
    refusals.add(new UnsafeSetting(reason, mend));
  }

  private void warn(String reason, String mend) {
    warnings.add(new UnsafeSetting(reason, mend));
  }
}
