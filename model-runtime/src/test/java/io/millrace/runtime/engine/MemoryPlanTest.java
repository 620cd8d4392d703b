package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {

  private static final MemoryPlan PLAN =
      new MemoryPlan(100 << 20, 2_000L << 20, 256 << 20, 64 << 20, 512 << 20);

  @Test
  void whatFitsTheMachineIsFine() {
    PLAN.check(PLAN.total());
  }

  @Test
  void whatDoesNotIsRefusedWithTheSum() {
    assertThatThrownBy(() -> PLAN.check(PLAN.total() - 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "weights 100 MiB + KV cache 2,000 MiB + prefix cache 256 MiB + stores 64 MiB + Java"
                + " heap 512 MiB = 2,932 MiB")
        .hasMessageContaining("the machine has 2,931 MiB");
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "0, 1"})
  void anEngineThatTheMachineCannotHoldIsNotOpened(
      int prefixCache, int stores, @TempDir Path directory) {
    var model = TinyModels.export(directory, Precision.INT8);
    long all = MemoryPlan.machineBytes();
    var settings =
        new EngineSettings(
            Optional.empty(),
            new SessionSettings(1, 64, 64, 1, false),
            1,
            1_000,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            prefixCache * all,
            stores * all);
    assertThatThrownBy(() -> InferenceEngines.open(model, settings, new SimpleMeterRegistry()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("not enough memory");
    assertThat(all).isGreaterThan(100L << 20);
  }
}
