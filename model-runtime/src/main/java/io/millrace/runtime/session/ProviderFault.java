package io.millrace.runtime.session;

import java.util.regex.Pattern;

/**
 * Why a provider cannot be used, in words for who can mend it.
 *
 * @param reason the missing library's name, or what ONNX Runtime or CUDA said
 * @param remedy what to do about it
 */
record ProviderFault(String reason, String remedy) {

  /**
   * What ONNX Runtime says if a provider's library cannot be loaded. The system's loader tells it
   * which library is missing, and it tells nobody in any other way.
   */
  private static final Pattern NOT_LOADED =
      Pattern.compile("Failed to load library \\S+ with error: ([^\\r\\n]+)");

  private static final Pattern NOT_FOUND =
      Pattern.compile("(\\S+): (cannot open shared object file)(?:: No such file or directory)?");

  private static final String DRIVER_REMEDY =
      "install NVIDIA's driver; a container needs NVIDIA's container toolkit and --gpus all";

  static ProviderFault of(Throwable failure) {
    var said = failure.getMessage();
    var message = said == null ? failure.getClass().getSimpleName() : said.strip();
    var loader = NOT_LOADED.matcher(message);
    if (!loader.find()) {
      return new ProviderFault(message, DRIVER_REMEDY);
    }
    var missing = NOT_FOUND.matcher(loader.group(1));
    return missing.find()
        ? new ProviderFault(missing.group(1) + ": " + missing.group(2), remedy(missing.group(1)))
        : new ProviderFault(loader.group(1), remedy(""));
  }

  private static String remedy(String library) {
    if (library.startsWith("libcuda.")) {
      return DRIVER_REMEDY;
    }
    return "install %s where the system's loader looks (LD_LIBRARY_PATH, or ldconfig)"
        .formatted(packageOf(library));
  }

  private static String packageOf(String library) {
    if (library.startsWith("libcudnn")) {
      return "NVIDIA's cuDNN";
    }
    return library.startsWith("libnv") ? "NVIDIA's TensorRT" : "NVIDIA's CUDA libraries";
  }
}
