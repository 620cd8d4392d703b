package io.millrace.topology;

import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.topology.access.AccessCheck;
import io.millrace.topology.access.MissingAccessException;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.config.TopicSettings;
import io.millrace.topology.format.ConfiguredFormat;
import io.millrace.topology.format.EventFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InterruptException;
import org.rocksdb.RocksDB;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a processor needs before it starts and can have without its model: an answer of the brokers
 * to whether it may do all that it has to, and whether topics and settings are as they have to be;
 * and the schemas of its events.
 *
 * <p>It is done on a thread of its own, while the model is loaded. Who waits for it learns how it
 * went: that is the {@link MillraceApplication} made of it, which does not start without it. Close
 * it after that.
 */
public final class Preparation implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

  private final MillraceConfiguration configuration;
  private final CompletableFuture<EventFormat> format = new CompletableFuture<>();
  private final Thread thread;

  private Preparation(MillraceConfiguration configuration, Callable<EventFormat> preparing) {
    this.configuration = configuration;
    // A daemon: whoever is not waiting for it any more does not want its end either.
    thread =
        Thread.ofPlatform().daemon().name("millrace-preparation").unstarted(() -> run(preparing));
  }

  /** Begins it. Returns at once. */
  public static Preparation begin(MillraceConfiguration configuration) {
    return begin(configuration, () -> prepare(configuration));
  }

  static Preparation begin(MillraceConfiguration configuration, Callable<EventFormat> preparing) {
    var preparation = new Preparation(configuration, preparing);
    preparation.thread.start();
    return preparation;
  }

  private void run(Callable<EventFormat> preparing) {
    try {
      var made = preparing.call();
      if (!format.complete(made)) {
        made.close();
      }
    } catch (Throwable failure) {
      if (!format.completeExceptionally(failure)) {
        LOG.debug("Given up", failure);
      }
    }
  }

  /** What is prepared for. */
  MillraceConfiguration configuration() {
    return configuration;
  }

  /**
   * Waits until all is done.
   *
   * @return the format of all events, with the schemas at hand; it ends with this
   * @throws MissingAccessException if the brokers do not allow all that has to be done
   * @throws TopicCheck.MissingTopicsException if topics are missing and not to be created
   * @throws TopicCheck.PartitionMismatchException if prompts and commands cannot meet in one task
   * @throws BrokerLimits.UnsafeTopicsException if a topic or the brokers are set so that a promise
   *     would break
   * @throws org.apache.kafka.common.KafkaException if the brokers or the registry do not answer
   */
  EventFormat await() {
    try {
      return format.get();
    } catch (InterruptedException exception) {
      throw new InterruptException(exception);
    } catch (CancellationException closed) {
      throw new IllegalStateException("closed", closed);
    } catch (ExecutionException exception) {
      switch (exception.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(exception);
      }
    }
  }

  /** Closes what it has made, or gives up making it, without waiting for that. Idempotent. */
  @Override
  public void close() {
    if (format.cancel(false)) {
      thread.interrupt();
    } else if (!format.isCompletedExceptionally()) {
      format.join().close();
    }
  }

  private static EventFormat prepare(MillraceConfiguration configuration) {
    try (var admin = Admin.create(StreamsProperties.ofClients(configuration))) {
      new AccessCheck(admin, configuration).run();
      new TopicCheck(admin, configuration.topics()).run();
      new BrokerLimits(admin, configuration).check();
    }
    // The stores', which is unpacked first.
    RocksDB.loadLibrary();
    var format = new ConfiguredFormat(configuration);
    try {
      trySerializers(format, configuration.topics());
      return format;
    } catch (RuntimeException | Error failure) {
      format.close();
      throw failure;
    }
  }

  /**
   * Writes an event of each kind into nothing. The registry is asked for the schemas now, and never
   * again: what it does later cannot stop an event from being written.
   */
  private static void trySerializers(EventFormat format, TopicSettings topics) {
    trySerializer(
        format, topics.tokensTopic(), Token.class, new Token("", 1, 0, "", 0, null, null));
    trySerializer(
        format,
        topics.completionsTopic(),
        Completion.class,
        Completion.newBuilder()
            .setRequestId("")
            .setStatus(Status.COMPLETED)
            .setText("")
            .setAttempt(0)
            .build());
    trySerializer(
        format,
        topics.usageTopic(),
        Usage.class,
        Usage.newBuilder()
            .setRequestId("")
            .setStatus(Status.COMPLETED)
            .setAttempt(0)
            .setPromptTokens(0)
            .setCompletionTokens(0)
            .setQueueMicros(0)
            .setPrefillMicros(0)
            .setDecodeMicros(0)
            .setTotalMicros(0)
            .build());
    trySerializer(
        format,
        topics.errorsTopic(),
        ErrorEvent.class,
        ErrorEvent.newBuilder().setStage(Stage.DECODE).setCode("").setMessage("").build());
  }

  private static <T extends SpecificRecord> void trySerializer(
      EventFormat format, String topic, Class<T> type, T event) {
    var bytes = format.events(type).serialize(topic, event);
    LOG.debug("{} takes {} bytes in {}", type.getSimpleName(), bytes.length, topic);
  }
}
