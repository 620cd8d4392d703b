package io.millrace.runtime.bench;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.engine.GenerationUsage;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.DecoderException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Measures engines against bare loops over the same files, all in one run and interleaved, so that
 * what the machine does beside hits all of them.
 */
public final class EngineBenchmark {

  private static final long REST_NANOS = 200_000_000;

  private final BenchmarkSettings settings;
  private final Consumer<String> progress;

  /**
   * @param progress hears one line per step
   */
  public EngineBenchmark(BenchmarkSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Measures; takes minutes for models of some size.
   *
   * @return one measurement per batch size and model, in that order
   * @throws io.millrace.runtime.model.ModelException if a model cannot be loaded
   */
  public List<EngineMeasurement> run() {
    List<EngineMeasurement> measurements = new ArrayList<>();
    for (int batch : settings.batches()) {
      measurements.addAll(measure(batch));
    }
    return measurements;
  }

  private List<EngineMeasurement> measure(int batch) {
    List<Contender> contenders = new ArrayList<>();
    try {
      for (var model : settings.models()) {
        progress.accept("loading and warming " + model + ", batch " + batch);
        contenders.add(new Contender(model, batch));
      }
      for (int repeat = 1; repeat <= settings.repeats(); repeat++) {
        progress.accept("batch %d, repeat %d of %d".formatted(batch, repeat, settings.repeats()));
        // Every other time the other way round, so that a trend favours none.
        boolean forwards = repeat % 2 == 1;
        for (var contender : forwards ? contenders : contenders.reversed()) {
          if (forwards) {
            contender.measureBare();
            contender.measureEngine();
          } else {
            contender.measureEngine();
            contender.measureBare();
          }
        }
      }
      return contenders.stream().map(Contender::measured).toList();
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  /** One model at one batch size: its engine, its bare loop, and what was measured so far. */
  private final class Contender implements AutoCloseable {

    private final String name;
    private final int batch;
    private final EngineRun engine;
    private final Yardstick bare;
    private final OptionalDouble decodeLimit;
    private final int[][] prompts;
    private final Speeds engineDecode = new Speeds();
    private final Speeds bareDecode = new Speeds();
    private final Speeds enginePrefill = new Speeds();
    private final Speeds barePrefill = new Speeds();

    Contender(Path model, int batch) {
      this.batch = batch;
      var directory = ModelDirectory.load(model);
      name = directory.name();
      engine = new EngineRun(model, settings, batch);
      try {
        bare = yardstick(directory, batch);
        decodeLimit = decodeLimit(directory, batch);
        prompts = engine.prompts();
        bare.prefill(prompts);
        bare.decode(settings.promptTokens(), settings.decodeTokens() - 1);
      } catch (OrtException failure) {
        engine.close();
        throw new DecoderException("the bare loop could not be opened", failure);
      }
    }

    /** Decodes one step less than the engine: that took its first token from the prefill too. */
    void measureBare() {
      rest();
      int steps = settings.decodeTokens() - 1;
      try {
        long prefill = bare.prefill(prompts);
        barePrefill.add(batch * settings.promptTokens(), prefill);
        bareDecode.add(batch * steps, bare.decode(settings.promptTokens(), steps));
      } catch (OrtException failure) {
        throw new DecoderException("the bare loop failed", failure);
      }
    }

    void measureEngine() {
      rest();
      var usages = engine.generate(prompts);
      long prefill = usages.stream().mapToLong(GenerationUsage::prefillNanos).sum();
      enginePrefill.add(batch * settings.promptTokens(), prefill);
      // The row that started last has waited for no other row's prefill.
      long decode = least(usages, GenerationUsage::decodeNanos);
      engineDecode.add(batch * (settings.decodeTokens() - 1), decode);
    }

    EngineMeasurement measured() {
      return new EngineMeasurement(
          name,
          batch,
          engineDecode,
          bareDecode,
          enginePrefill,
          barePrefill,
          decodeLimit,
          engine.openNanos() / 1e9);
    }

    @Override
    public void close() {
      engine.close();
      try {
        bare.close();
      } catch (OrtException failure) {
        throw new DecoderException("the bare loop could not be closed", failure);
      }
    }
  }

  /**
   * Lets the threads of the other's session, which spin for a while after their last step, come to
   * rest: they would take a core from the first step of this one.
   */
  private static void rest() {
    LockSupport.parkNanos(REST_NANOS);
  }

  private Yardstick yardstick(ModelDirectory model, int batch) throws OrtException {
    return settings.provider().isCpuAlone()
        ? new BareLoop(model, batch, settings.capacity(), settings.threads(), settings.spin())
        : new DecoderLoop(model, settings.session(batch));
  }

  private OptionalDouble decodeLimit(ModelDirectory model, int batch) {
    var limit = BandwidthLimit.measure(model, settings.provider(), Short.BYTES);
    double length = settings.promptTokens() + settings.decodeTokens() / 2.0;
    return limit.isPresent()
        ? OptionalDouble.of(limit.get().tokensPerSecond(batch, length))
        : OptionalDouble.empty();
  }

  private static long least(List<GenerationUsage> usages, ToLongFunction<GenerationUsage> part) {
    return usages.stream().mapToLong(part).min().orElseThrow();
  }
}
