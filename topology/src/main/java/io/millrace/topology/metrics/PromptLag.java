package io.millrace.topology.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many prompts wait in the log, of each partition that this instance owns: asked of the brokers
 * now and then on a thread of its own. The consumer's own figure stands still while a partition is
 * paused, which is when it matters.
 */
public final class PromptLag implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PromptLag.class);

  private final Admin admin;
  private final String group;
  private final Supplier<Set<TopicPartition>> owned;
  private final DoubleSupplier tokensPerPrompt;
  private final MeterRegistry registry;
  private final Duration period;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("millrace-lag").unstarted(this::run);

  /** A partition's lag and the gauges that show it. */
  private record Shown(AtomicLong lag, List<Meter> gauges) {}

  private final Map<TopicPartition, Shown> shown = new ConcurrentHashMap<>();

  /**
   * @param admin becomes this one's, to be closed with it
   * @param owned the partitions of prompts that this instance owns now
   * @param tokensPerPrompt that one will take; not a number if that is not known
   */
  public PromptLag(
      Admin admin,
      String group,
      Supplier<Set<TopicPartition>> owned,
      DoubleSupplier tokensPerPrompt,
      MeterRegistry registry,
      Duration period) {
    this.admin = admin;
    this.group = group;
    this.owned = owned;
    this.tokensPerPrompt = tokensPerPrompt;
    this.registry = registry;
    this.period = period;
  }

  /** Asks from now on. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        try {
          ask();
        } catch (ExecutionException | RuntimeException failure) {
          LOG.debug("How many prompts wait is not known", failure);
          hideAll();
        }
        Thread.sleep(period);
      }
    } catch (InterruptedException closed) {
      // The end of the thread.
    }
  }

  private void ask() throws ExecutionException, InterruptedException {
    var partitions = owned.get();
    Map<TopicPartition, Long> lags = partitions.isEmpty() ? Map.of() : lags(partitions);
    var gone = new HashSet<>(shown.keySet());
    gone.removeAll(lags.keySet());
    gone.forEach(this::hide);
    lags.forEach((partition, lag) -> shown.computeIfAbsent(partition, this::show).lag().set(lag));
  }

  private Map<TopicPartition, Long> lags(Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    var begins = offsets(partitions, OffsetSpec.earliest());
    var ends = offsets(partitions, OffsetSpec.latest());
    var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, Long> lags = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          var read = committed.get(partition);
          long from = read == null ? begins.getOrDefault(partition, 0L) : read.offset();
          lags.put(partition, Math.max(0, end - from));
        });
    return lags;
  }

  private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec which)
      throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(partitions.stream().collect(Collectors.toMap(one -> one, one -> which)))
        .all()
        .get()
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> offset(entry.getValue())));
  }

  private static long offset(ListOffsetsResultInfo info) {
    return info.offset();
  }

  private Shown show(TopicPartition partition) {
    var lag = new AtomicLong();
    var records =
        gauge(
            "millrace.prompts.lag",
            "Records of the prompts topic that are not read yet",
            partition,
            lag::doubleValue);
    var tokens =
        gauge(
            "millrace.prompts.lag.tokens",
            "Tokens that those will take, if they are like those that ended lately",
            partition,
            () -> tokens(lag.get()));
    return new Shown(lag, List.of(records, tokens));
  }

  private Gauge gauge(
      String name, String description, TopicPartition partition, Supplier<Number> value) {
    return Gauge.builder(name, value)
        .description(description)
        .tags("partition", Integer.toString(partition.partition()))
        .strongReference(true)
        .register(registry);
  }

  private double tokens(long records) {
    return records == 0 ? 0 : records * tokensPerPrompt.getAsDouble();
  }

  /** Nothing is shown rather than what was so before. */
  private void hideAll() {
    Set.copyOf(shown.keySet()).forEach(this::hide);
  }

  private void hide(TopicPartition partition) {
    var hidden = shown.remove(partition);
    if (hidden != null) {
      hidden.gauges().forEach(registry::remove);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    admin.close(Duration.ZERO);
    hideAll();
  }
}
