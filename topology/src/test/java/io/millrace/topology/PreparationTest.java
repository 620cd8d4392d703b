package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.events.Control;
import io.millrace.events.Prompt;
import io.millrace.topology.TopicCheck.MissingTopicsException;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.EventFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

/** What is asked of brokers and registry, {@code SecurityIT} and others ask of real ones. */
class PreparationTest {

  private final NotedFormat format = new NotedFormat();

  @Test
  void whoWaitsGetsWhatWasMade() {
    var go = new CountDownLatch(1);
    try (var preparation =
        begin(
            () -> {
              go.await();
              return format;
            })) {
      go.countDown();
      assertThat(preparation.await()).isSameAs(format);
      assertThat(format.closed.getCount()).as("open while it is in use").isOne();
    }
    assertThat(format.closed.getCount()).isZero();
  }

  @Test
  void whoWaitsLearnsWhyItFailedAsOften() {
    try (var preparation =
        begin(
            () -> {
              throw new TimeoutException("no broker answers");
            })) {
      for (int time = 0; time < 2; time++) {
        assertThatThrownBy(preparation::await)
            .isExactlyInstanceOf(TimeoutException.class)
            .hasMessage("no broker answers");
      }
    }
  }

  @Test
  void noProcessorIsMadeWhereItFailed() {
    var engine = new SteppedEngine();
    try (var preparation =
        begin(
            () -> {
              throw new MissingTopicsException(List.of("millrace.prompts"));
            })) {
      assertThatThrownBy(
              () -> new MillraceApplication(preparation, engine, new SimpleMeterRegistry()))
          .isInstanceOf(MissingTopicsException.class);
    }
  }

  @Test
  void givenUpItIsInterrupted() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    var preparation =
        begin(
            () -> {
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException expected) {
                interrupted.countDown();
              }
              throw new IllegalStateException("given up");
            });
    begun.await();
    preparation.close();
    interrupted.await();
    assertThatThrownBy(preparation::await).hasMessage("closed");
  }

  @Test
  void whatIsMadeTooLateIsClosed() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    var preparation =
        begin(
            () -> {
              begun.countDown();
              try {
                closed.await();
              } catch (InterruptedException ignored) {
                // As a client that goes on all the same.
              }
              return format;
            });
    begun.await();
    preparation.close();
    closed.countDown();
    format.closed.await();
  }

  private static Preparation begin(Callable<EventFormat> preparing) {
    return Preparation.begin(
        MillraceConfiguration.parse("model.directory: none", Map.of()), preparing);
  }

  /** Notes that it was closed. */
  private static final class NotedFormat implements EventFormat {

    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Deserializer<Prompt> prompts() {
      throw new AssertionError();
    }

    @Override
    public Deserializer<Control> controls() {
      throw new AssertionError();
    }

    @Override
    public <T extends SpecificRecord> Serializer<T> events(Class<T> type) {
      throw new AssertionError();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
