package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.millrace.runtime.device.Gpu;
import io.millrace.runtime.device.NvidiaLibrary;
import java.util.EnumSet;
import java.util.Set;

/** Whether an execution provider can be used on this machine, found out without a model. */
public sealed interface ProviderCheck {

  ExecutionProvider provider();

  /**
   * It can be used.
   *
   * @param detail the hardware, and the versions of the libraries
   */
  record Usable(ExecutionProvider provider, String detail) implements ProviderCheck {}

  /** This ONNX Runtime was built without it: no fault, unless it is wanted. */
  record NotBuilt(ExecutionProvider provider, String reason) implements ProviderCheck {}

  /**
   * It should be there, and cannot be used.
   *
   * @param reason such as the name of a missing library
   * @param detail the versions of the libraries that are there, and the names of those that are not
   * @param remedy what to do about it
   */
  record Unusable(ExecutionProvider provider, String reason, String detail, String remedy)
      implements ProviderCheck {}

  /**
   * Checks one provider. Throws nothing, whatever the machine lacks.
   *
   * @param device number of the GPU, for those that use one
   */
  static ProviderCheck of(ExecutionProvider provider, int device) {
    try {
      var absence = BuiltProviders.absence(provider);
      return absence.isPresent()
          ? new NotBuilt(provider, absence.get())
          : ofBuilt(provider, device);
    } catch (OrtException | RuntimeException | LinkageError failure) {
      var fault = ProviderFault.of(failure);
      return new Unusable(provider, fault.reason(), libraries(provider), fault.remedy());
    }
  }

  private static ProviderCheck ofBuilt(ExecutionProvider provider, int device) throws OrtException {
    return switch (provider) {
      case CPU -> {
        int processors = Runtime.getRuntime().availableProcessors();
        yield new Usable(
            provider, "%s, %d processors".formatted(System.getProperty("os.arch"), processors));
      }
      case CUDA -> {
        loadCuda();
        yield onGpu(provider, device);
      }
      case TENSORRT -> {
        // It is built on CUDA, and does not say what that lacks.
        loadCuda();
        loadTensorRt();
        yield onGpu(provider, device);
      }
    };
  }

  private static ProviderCheck onGpu(ExecutionProvider provider, int device) {
    var libraries = libraries(provider);
    return Gpu.find(device)
        .<ProviderCheck>map(gpu -> new Usable(provider, gpu.describe() + ", " + libraries))
        .orElseGet(
            () ->
                new Unusable(
                    provider,
                    "there is no GPU " + device,
                    libraries,
                    "correct engine.devices; GPUs are counted from 0"));
  }

  /** Loads the provider's library and all that it needs. */
  private static void loadCuda() throws OrtException {
    if (Gpu.canBeFound()) {
      // Without a GPU the provider does not load either, but speaks of an option that it cannot
      // parse.
      var _ = Gpu.find(0);
    }
    try (var options = new SessionOptions();
        var cuda = new OrtCUDAProviderOptions()) {
      options.addCUDA(cuda);
    }
  }

  private static void loadTensorRt() throws OrtException {
    try (var options = new SessionOptions();
        var tensorrt = new OrtTensorRTProviderOptions()) {
      options.addTensorrt(tensorrt);
    }
  }

  private static String libraries(ExecutionProvider provider) {
    Set<NvidiaLibrary> wanted =
        switch (provider) {
          case CPU -> EnumSet.noneOf(NvidiaLibrary.class);
          case CUDA -> EnumSet.complementOf(EnumSet.of(NvidiaLibrary.TENSORRT));
          case TENSORRT -> EnumSet.allOf(NvidiaLibrary.class);
        };
    return NvidiaLibrary.describe(wanted);
  }
}
