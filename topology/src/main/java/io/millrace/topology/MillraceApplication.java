package io.millrace.topology;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.events.ErrorEvent;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.access.MissingAccessException;
import io.millrace.topology.clients.MillraceClients;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.UnsafeSettings;
import io.millrace.topology.handler.DeadLetters;
import io.millrace.topology.handler.ThreadFailures;
import io.millrace.topology.load.PartitionLoads;
import io.millrace.topology.metrics.ApplicationMeters;
import io.millrace.topology.metrics.PromptMeters;
import io.millrace.topology.store.StoreMemory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running processor: the topology, its Kafka clients, and what happens at start and end.
 *
 * <p>Safe for use by several threads.
 */
public final class MillraceApplication implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MillraceApplication.class);

  /** Leaves time for the engine and for the JVM's end within an orchestrator's usual 30 s. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  private final MillraceConfiguration configuration;
  private final StoreMemory memory;
  private final PartitionLoads loads = new PartitionLoads();
  private final @Nullable ApplicationMeters meters;
  private final @Nullable AbandonedTransactions transactions;
  private final KafkaStreams streams;
  private final List<KafkaStreams.StateListener> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Waits until all is prepared, and puts a processor together.
   *
   * @param preparation stays the caller's, to be closed after this
   * @param engine likewise
   * @param registry stays the caller's
   * @throws MissingAccessException if the brokers do not allow all that has to be done
   * @throws TopicCheck.MissingTopicsException if topics are missing and not to be created
   * @throws TopicCheck.PartitionMismatchException if prompts and commands cannot meet in one task
   * @throws BrokerLimits.UnsafeTopicsException if a topic or the brokers are set so that a promise
   *     would break
   * @throws org.apache.kafka.common.KafkaException if the brokers or the registry do not answer
   */
  public MillraceApplication(
      Preparation preparation, InferenceEngine engine, MeterRegistry registry) {
    configuration = preparation.configuration();
    UnsafeSettings.warnings(configuration).forEach(warning -> LOG.warn("{}", warning));
    // Before there are clients that would all complain.
    var format = preparation.await();
    var prompts =
        new PromptMeters(registry, engine.model().name(), configuration.monitoring().tenants());
    var letters =
        new DeadLetters(
            configuration.topics().errorsTopic(), format.events(ErrorEvent.class), prompts);
    memory = new StoreMemory(configuration.inflight().storeMemory().bytes());
    @Nullable KafkaStreams made = null;
    try {
      var properties = StreamsProperties.of(configuration, letters, memory);
      made =
          new KafkaStreams(
              MillraceTopology.build(configuration, engine, format, loads, prompts),
              new StreamsConfig(properties),
              new MillraceClients(loads));
      streams = made;
      streams.setUncaughtExceptionHandler(new ThreadFailures(System::nanoTime));
      streams.setStateListener(this::stateChanged);
      // It asks the brokers now and then: not where no one sees the answer.
      meters =
          configuration.monitoring().isServed()
              ? new ApplicationMeters(registry, configuration, properties, streams, loads, prompts)
              : null;
      transactions =
          configuration.isExactlyOnce() && !properties.containsKey(StreamsConfig.CLIENT_ID_CONFIG)
              ? new AbandonedTransactions(properties, configuration.applicationId())
              : null;
    } catch (RuntimeException | Error failure) {
      if (made != null) {
        made.close(Duration.ZERO);
      }
      memory.close();
      throw failure;
    }
  }

  /** Adds a listener; call it before {@link #start()} to miss nothing. */
  public void addStateListener(KafkaStreams.StateListener listener) {
    listeners.add(listener);
  }

  private void stateChanged(KafkaStreams.State now, KafkaStreams.State before) {
    LOG.debug("{} after {}", now, before);
    listeners.forEach(listener -> listener.onChange(now, before));
    if (transactions != null) {
      if (now == KafkaStreams.State.REBALANCING) {
        transactions.look();
      } else {
        transactions.rest();
      }
    }
    if (now == KafkaStreams.State.RUNNING) {
      running.countDown();
    }
    if (now.hasCompletedShutdown()) {
      running.countDown();
      ended.countDown();
    }
  }

  /** Starts to join the group. Returns at once. */
  public void start() {
    if (meters != null) {
      meters.start();
    }
    streams.start();
  }

  /** Waits until prompts are taken. Returns false if they were not in time, or never will be. */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return running.await(timeout.toMillis(), TimeUnit.MILLISECONDS)
        && streams.state().isRunningOrRebalancing();
  }

  /**
   * Waits until it has ended, be it by {@link #close()} or by a failure. Returns the last state.
   */
  public KafkaStreams.State awaitEnd() throws InterruptedException {
    ended.await();
    return streams.state();
  }

  public KafkaStreams.State state() {
    return streams.state();
  }

  /**
   * Commits, ends what the engine does for this instance, and leaves the group, so that another
   * takes over at once; a static member stays, so that nothing moves while it restarts. What was in
   * flight is in the log. Idempotent.
   */
  @Override
  public void close() {
    if (meters != null) {
      meters.close();
    }
    if (transactions != null) {
      transactions.close();
    }
    var options =
        CloseOptions.timeout(CLOSE_TIMEOUT)
            .withGroupMembershipOperation(
                configuration.isStaticMember()
                    ? GroupMembershipOperation.REMAIN_IN_GROUP
                    : GroupMembershipOperation.LEAVE_GROUP);
    if (streams.close(options)) {
      memory.close();
    } else {
      // Their stores may still use the memory.
      LOG.warn("Not all threads ended within {}", CLOSE_TIMEOUT);
    }
  }
}
