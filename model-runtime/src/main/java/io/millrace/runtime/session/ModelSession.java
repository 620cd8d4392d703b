package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.millrace.runtime.attention.CacheType;
import io.millrace.runtime.attention.WarmUp;
import io.millrace.runtime.device.CudaDevice;
import io.millrace.runtime.device.CudaException;
import io.millrace.runtime.device.Device;
import io.millrace.runtime.device.HostDevice;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.GraphInputs;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import io.millrace.runtime.session.ProviderCheck.Unusable;
import io.millrace.runtime.session.ProviderFit.Misfit;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded graph on the execution provider that was found for it.
 *
 * @param session of ONNX Runtime
 * @param device whose memory the session computes in
 * @param provider that the session runs on
 * @param operators of ours that the session has
 * @param keepsHalves whether keys and values are kept in half precision, whatever the graph says
 * @param replays whether the provider can record a run as a CUDA graph and replay it
 */
record ModelSession(
    OrtSession session,
    Device device,
    ExecutionProvider provider,
    List<OwnOperators> operators,
    boolean keepsHalves,
    boolean replays)
    implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelSession.class);

  /**
   * Loads a graph on the first provider of the settings' order that can be used.
   *
   * @param mayReplay whether steps may be recorded and replayed, where graph and provider can
   * @throws ModelException if none can; the message says why each cannot
   */
  static ModelSession open(ModelDirectory model, SessionSettings settings, boolean mayReplay) {
    List<String> reasons = new ArrayList<>();
    for (var provider : settings.provider().buildable()) {
      try {
        var obstacle = obstacle(model, provider, settings.provider().device());
        if (obstacle.isPresent()) {
          reasons.add(obstacle.get());
          continue;
        }
        var opened = open(model, settings, provider, mayReplay);
        reasons.forEach(reason -> LOG.info("Not used: {}", reason));
        return opened;
      } catch (OrtException | CudaException | UnsatisfiedLinkError failure) {
        reasons.add(provider.label() + ": " + failure.getMessage());
      }
    }
    throw new ModelException(model.graphFile() + ": " + String.join("; ", reasons));
  }

  /** What keeps the model off a provider, as far as it is known before the model is loaded. */
  private static Optional<String> obstacle(
      ModelDirectory model, ExecutionProvider provider, int device) {
    return BuiltProviders.absence(provider)
        .map(absence -> provider.label() + ": " + absence)
        .or(() -> ProviderFit.misfit(model, provider).map(Misfit::toString))
        .or(() -> fault(provider, device));
  }

  private static Optional<String> fault(ExecutionProvider provider, int device) {
    return ProviderCheck.of(provider, device) instanceof Unusable(_, var reason, _, var remedy)
        ? Optional.of("%s: %s; %s".formatted(provider.label(), reason, remedy))
        : Optional.empty();
  }

  private static ModelSession open(
      ModelDirectory model, SessionSettings settings, ExecutionProvider provider, boolean mayReplay)
      throws OrtException {
    return switch (provider) {
      case CPU -> onCpu(model, settings);
      case CUDA ->
          mayReplay && canBeReplayed(model)
              ? onCudaReplayingIfItCan(model, settings)
              : onCuda(model, settings, false);
      case TENSORRT -> onTensorRt(model, settings);
    };
  }

  private static ModelSession onCpu(ModelDirectory model, SessionSettings settings)
      throws OrtException {
    try (var options = options(model, settings, ExecutionProvider.CPU)) {
      return create(model, settings, options, new HostDevice(), ExecutionProvider.CPU, false);
    }
  }

  /**
   * A recorded step has the shapes that it was recorded with. Graphs that are told lengths by the
   * width of a mask have other shapes at every step.
   */
  private static boolean canBeReplayed(ModelDirectory model) {
    var inputs = GraphInputs.shapes(model.graphFile()).keySet();
    return model.config().names().attentionMask().filter(inputs::contains).isEmpty();
  }

  /** The provider refuses to record graphs of which it does not run every operator. */
  private static ModelSession onCudaReplayingIfItCan(ModelDirectory model, SessionSettings settings)
      throws OrtException {
    try {
      return onCuda(model, settings, true);
    } catch (OrtException refusal) {
      var opened = onCuda(model, settings, false);
      LOG.info("Steps are not replayed as CUDA graphs: {}", refusal.getMessage());
      return opened;
    }
  }

  private static ModelSession onCuda(
      ModelDirectory model, SessionSettings settings, boolean capture) throws OrtException {
    try (var options = options(model, settings, ExecutionProvider.CUDA);
        var cuda = new OrtCUDAProviderOptions()) {
      for (var option : ProviderOptions.cuda(settings.provider(), capture).entrySet()) {
        cuda.add(option.getKey(), option.getValue());
      }
      options.addCUDA(cuda);
      return onGpu(model, settings, options, ExecutionProvider.CUDA, capture);
    }
  }

  private static ModelSession onTensorRt(ModelDirectory model, SessionSettings settings)
      throws OrtException {
    try (var options = options(model, settings, ExecutionProvider.TENSORRT);
        var tensorrt = new OrtTensorRTProviderOptions();
        var cuda = new OrtCUDAProviderOptions()) {
      Files.createDirectories(ProviderOptions.engineCache(model, settings.provider()));
      for (var option : ProviderOptions.tensorrt(model, settings).entrySet()) {
        tensorrt.add(option.getKey(), option.getValue());
      }
      for (var option : ProviderOptions.cuda(settings.provider(), false).entrySet()) {
        cuda.add(option.getKey(), option.getValue());
      }
      options.addTensorrt(tensorrt);
      // For what TensorRT leaves over.
      options.addCUDA(cuda);
      return onGpu(model, settings, options, ExecutionProvider.TENSORRT, false);
    } catch (IOException failure) {
      throw new ModelException("the engine cache cannot be made: " + failure.getMessage(), failure);
    }
  }

  private static ModelSession onGpu(
      ModelDirectory model,
      SessionSettings settings,
      SessionOptions options,
      ExecutionProvider provider,
      boolean replays)
      throws OrtException {
    var device = new CudaDevice(settings.provider().device());
    return create(model, settings, options, device, provider, replays);
  }

  /** Takes ownership of the device. */
  private static ModelSession create(
      ModelDirectory model,
      SessionSettings settings,
      SessionOptions options,
      Device device,
      ExecutionProvider provider,
      boolean replays)
      throws OrtException {
    List<OwnOperators> operators = new ArrayList<>();
    try {
      addRowProducts(operators, model, settings, device, provider);
      boolean keepsHalves = addAttention(operators, model, settings, provider);
      for (var own : operators) {
        own.addTo(options);
      }
      var session = OnnxRuntime.environment().createSession(model.graphFile().toString(), options);
      return new ModelSession(session, device, provider, operators, keepsHalves, replays);
    } catch (OrtException | RuntimeException | Error failure) {
      operators.forEach(OwnOperators::close);
      device.close();
      throw failure;
    }
  }

  /** Whoever gave the list must close what is in it, even if this fails. */
  private static void addRowProducts(
      List<OwnOperators> operators,
      ModelDirectory model,
      SessionSettings settings,
      Device device,
      ExecutionProvider provider)
      throws OrtException {
    if (OwnOperators.areIn(model.graphFile())) {
      var type = GraphInputs.floatType(model.graphFile(), firstCache(model)).orElseThrow();
      int mostRows = Math.max(settings.slots(), settings.prefillChunk());
      var products = device.rowProducts(type, mostRows);
      operators.add(OwnOperators.rowProducts(provider, type, products));
    }
  }

  /** As {@link #addRowProducts}; says whether attention keeps keys and values in half precision. */
  private static boolean addAttention(
      List<OwnOperators> operators,
      ModelDirectory model,
      SessionSettings settings,
      ExecutionProvider provider)
      throws OrtException {
    if (provider != ExecutionProvider.CPU || settings.cacheType() == CacheType.MODEL) {
      return false;
    }
    int headSize = HalfCacheFit.headSize(model);
    var _ = WarmUp.of(headSize);
    operators.add(OwnOperators.attention(headSize));
    return true;
  }

  private static String firstCache(ModelDirectory model) {
    return TensorNames.ofLayer(model.config().names().pastKey(), 0);
  }

  private static SessionOptions options(
      ModelDirectory model, SessionSettings settings, ExecutionProvider provider)
      throws OrtException {
    var options = new SessionOptions();
    try {
      set(options, model, settings, provider);
      return options;
    } catch (OrtException | RuntimeException | Error failure) {
      options.close();
      throw failure;
    }
  }

  private static void set(
      SessionOptions options,
      ModelDirectory model,
      SessionSettings settings,
      ExecutionProvider provider)
      throws OrtException {
    for (Map.Entry<String, String> entry : SessionEntries.of(model.config()).entrySet()) {
      options.addConfigEntry(entry.getKey(), entry.getValue());
    }
    options.setIntraOpNumThreads(StepThreads.of(settings.threads()));
    options.addConfigEntry("session.intra_op.allow_spinning", settings.spin() ? "1" : "0");
    if (provider != ExecutionProvider.CPU) {
      // It warns of every small operator that stays on the CPU.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    }
    // A pattern is kept for every shape ever seen, and the mask has a new one at every step.
    options.setMemoryPatternOptimization(false);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException failure) {
      throw new DecoderException("the session could not be closed", failure);
    } finally {
      operators.forEach(OwnOperators::close);
      device.close();
    }
  }
}
