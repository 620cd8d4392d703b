package io.millrace.topology.handler;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.topology.config.MillraceConfiguration;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class ThreadFailuresTest {

  private final Exception passing = new StreamsException("passing");

  private long nowNanos;
  private final ThreadFailures failures = new ThreadFailures(() -> nowNanos);

  @Test
  void aThreadIsReplaced() {
    assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
  }

  @Test
  void whatWillNotPassEndsTheProcessor() {
    var refused = new StreamsException(new TopicAuthorizationException("tokens"));
    assertThat(failures.handle(refused)).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(failures.handle(new StreamsException(new OutOfMemoryError())))
        .isEqualTo(SHUTDOWN_CLIENT);
  }

  @Test
  void tooManyDeathsInAShortTimeEndTheProcessor() {
    for (int i = 0; i < 10; i++) {
      assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
    }
    assertThat(failures.handle(passing)).isEqualTo(SHUTDOWN_CLIENT);
  }

  @Test
  void aPromptThatKillsThreadsHasFailedBeforeTheProcessorEnds() {
    int attempts =
        MillraceConfiguration.parse("model.directory: none", Map.of()).inflight().maxAttempts();
    for (int i = 0; i < attempts; i++) {
      assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
    }
  }

  @Test
  void deathsOfLongAgoAreForgotten() {
    for (int i = 0; i < 100; i++) {
      assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
      nowNanos += Duration.ofMinutes(1).toNanos();
    }
  }
}
