package io.millrace.runtime.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.batching.SchedulerLimits;
import io.millrace.runtime.device.CudaException;
import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.ModelPromptEncoder;
import io.millrace.runtime.session.ExecutionProvider;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.OnnxRuntime;
import io.millrace.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens engines, and says whether this machine can. */
public final class InferenceEngines {

  private static final Logger LOG = LoggerFactory.getLogger(InferenceEngines.class);

  private InferenceEngines() {}

  /**
   * Loads a model and starts its engine.
   *
   * @throws io.millrace.runtime.model.ModelException if the directory cannot be used, or the
   *     machine has too little memory; the message says why
   */
  public static InferenceEngine open(
      Path modelDirectory, EngineSettings settings, MeterRegistry registry) {
    var directory = ModelDirectory.load(modelDirectory);
    var draft = settings.draftModel().map(ModelDirectory::load).orElse(null);
    if (settings.session().provider().isCpuAlone()) {
      var memory = MemoryPlan.before(directory, settings);
      (draft == null ? memory : memory.plus(draft, 0)).check(MemoryPlan.machineBytes());
    }
    List<Runnable> closings = new ArrayList<>();
    try {
      var tokenizer = Tokenizer.load(directory.tokenizerFile());
      closings.add(tokenizer::close);
      var encoder = ModelPromptEncoder.of(directory, tokenizer);
      var decoder = OnnxDecoder.open(directory, settings.session());
      closings.add(decoder::close);
      var draftDecoder =
          draft == null || decoder.verifiableTokens() == 0
              ? null
              : DraftModel.openDecoder(draft, directory, settings.session());
      if (draftDecoder != null) {
        closings.add(draftDecoder::close);
      }
      var memory = MemoryPlan.of(directory, decoder, settings);
      return engine(
          directory,
          settings,
          registry,
          tokenizer,
          encoder,
          decoder,
          draftDecoder,
          draft == null || draftDecoder == null
              ? memory
              : memory.plus(draft, draftDecoder.cacheBytes()));
    } catch (CudaException failure) {
      closings.reversed().forEach(Runnable::run);
      throw new ModelException(
          modelDirectory + ": no memory for the prefix cache: " + failure.getMessage(), failure);
    } catch (RuntimeException | Error failure) {
      closings.reversed().forEach(Runnable::run);
      throw failure;
    }
  }

  /**
   * Loads a model on each of several GPUs, as one engine: all on the provider that was found for
   * the first. On the CPU it is loaded once.
   *
   * @param devices their numbers, at least one
   * @throws io.millrace.runtime.model.ModelException as {@link #open}
   */
  public static InferenceEngine openOnEach(
      Path modelDirectory, EngineSettings settings, List<Integer> devices, MeterRegistry registry) {
    List<InferenceEngine> replicas = new ArrayList<>();
    var settingsOfNext = settings;
    try {
      for (int device : devices) {
        var replica = open(modelDirectory, settingsOfNext.onDevice(device), registry);
        replicas.add(replica);
        var provider = ExecutionProvider.ofLabel(replica.model().provider()).orElseThrow();
        if (provider == ExecutionProvider.CPU) {
          break;
        }
        // One that is not there is to be noticed, not replaced by the CPU.
        settingsOfNext = settings.on(provider);
      }
    } catch (RuntimeException | Error failure) {
      new ReplicatedInferenceEngine(replicas).close();
      throw failure;
    }
    return replicas.size() == 1 ? replicas.getFirst() : new ReplicatedInferenceEngine(replicas);
  }

  private static InferenceEngine engine(
      ModelDirectory directory,
      EngineSettings settings,
      MeterRegistry registry,
      Tokenizer tokenizer,
      ModelPromptEncoder encoder,
      OnnxDecoder decoder,
      @Nullable OnnxDecoder draftDecoder,
      MemoryPlan memory) {
    var model = describe(directory, settings, decoder);
    // A GPU's memory is all taken by now, but for what a step needs.
    if (decoder.provider() == ExecutionProvider.CPU) {
      memory.check(MemoryPlan.machineBytes());
    }
    LOG.info(
        "Loaded model {}: {} slots of {} tokens; {} at most",
        model,
        decoder.slots(),
        decoder.capacity(),
        memory);
    var meters = new EngineMeters(registry, model.name(), settings.session().provider().device());
    meters.slots(decoder.slots());
    meters.memory("weights", memory.weights());
    meters.memory("kv_cache", memory.keyValueCache());
    meters.memory("prefix_cache", memory.prefixCache());
    var limits =
        new SchedulerLimits(
            decoder.slots(),
            settings.maxWaiting(),
            settings.maxWaitingTokens(),
            settings.priorityAgeing().toNanos());
    var entrance =
        new EngineEntrance(limits, decoder.capacity(), decoder.vocabularySize(), System::nanoTime);
    var watchdog = new StepWatchdog(decoder, settings.stepTimeout(), System::nanoTime, meters);
    var draftModel =
        draftDecoder == null
            ? null
            : new DraftModel(
                draftDecoder,
                new StepWatchdog(draftDecoder, settings.stepTimeout(), System::nanoTime, meters));
    var agent =
        new EngineAgent(
            entrance,
            decoder,
            tokenizer.vocabulary(),
            directory.config().endTokens(),
            new PrefixCache(decoder, settings.prefixCacheBytes()),
            watchdog,
            limits,
            meters,
            draftModel);
    return new OnnxInferenceEngine(
        model, encoder, tokenizer, decoder, draftModel, entrance, agent, watchdog, meters);
  }

  /**
   * Loads the native libraries of ONNX Runtime and of the tokenizer.
   *
   * @return the version of ONNX Runtime
   * @throws RuntimeException or a {@link LinkageError} if one cannot be loaded on this machine
   */
  public static String checkNativeLibraries() {
    Tokenizer.checkNativeLibrary();
    return OnnxRuntime.environment().getVersion();
  }

  private static ModelInfo describe(
      ModelDirectory directory, EngineSettings settings, OnnxDecoder decoder) {
    return new ModelInfo(
        settings.modelName().orElseGet(directory::name),
        directory.hash(),
        directory.config().architecture(),
        decoder.capacity(),
        decoder.vocabularySize(),
        decoder.provider().label(),
        engineVersion());
  }

  private static String engineVersion() {
    var own = Optional.ofNullable(InferenceEngines.class.getPackage().getImplementationVersion());
    return "millrace/%s onnxruntime/%s"
        .formatted(own.orElse("development"), OnnxRuntime.environment().getVersion());
  }
}
