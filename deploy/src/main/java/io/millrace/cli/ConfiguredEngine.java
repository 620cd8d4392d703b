package io.millrace.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.engine.EngineSettings;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.engine.InferenceEngines;
import io.millrace.runtime.session.ProviderSettings;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Opens the engine that a configuration describes. */
final class ConfiguredEngine {

  /** Spinning threads would take the cores from Kafka's. */
  private static final boolean SPIN = false;

  private ConfiguredEngine() {}

  /**
   * Loads the model; takes from a second to minutes.
   *
   * @throws io.millrace.runtime.model.ModelException if the directory cannot be used
   */
  static InferenceEngine open(MillraceConfiguration configuration, MeterRegistry meters) {
    var engine = configuration.engine();
    var model = configuration.model();
    int capacity = engine.capacity() == 0 ? Integer.MAX_VALUE : engine.capacity();
    var session =
        new SessionSettings(
            engine.slots(),
            capacity,
            engine.prefillChunk(),
            engine.threads(),
            SPIN,
            engine.speculativeTokens(),
            engine.kvCacheType(),
            provider(engine));
    var name = Optional.of(model.name()).filter(given -> !given.isBlank());
    var settings =
        new EngineSettings(
            name,
            session,
            engine.waiting(),
            engine.waitingTokens(),
            engine.priorityAgeing(),
            engine.stepTimeout(),
            engine.prefixCache().bytes(),
            configuration.inflight().storeMemory().bytes());
    return InferenceEngines.openOnEach(
        Path.of(model.directory()), settings, devices(engine), meters);
  }

  /**
   * What the configuration says of the model's execution provider.
   *
   * @throws CommandException if it names one that there is not
   */
  static ProviderSettings provider(io.millrace.topology.config.EngineSettings engine) {
    try {
      return new ProviderSettings(
          ProviderSettings.parseOrder(engine.provider()),
          devices(engine).getFirst(),
          Optional.of(engine.engineCache()).filter(path -> !path.isBlank()).map(Path::of));
    } catch (IllegalArgumentException unknown) {
      throw new CommandException("engine.provider: " + unknown.getMessage());
    }
  }

  private static List<Integer> devices(io.millrace.topology.config.EngineSettings engine) {
    try {
      return Arrays.stream(engine.devices().split(",", -1))
          .map(number -> Integer.parseUnsignedInt(number.strip()))
          .distinct()
          .toList();
    } catch (NumberFormatException wrong) {
      throw new CommandException(
          "engine.devices must be numbers from 0 up, with commas between them: "
              + engine.devices());
    }
  }
}
