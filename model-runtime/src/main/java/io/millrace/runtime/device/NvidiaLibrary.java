package io.millrace.runtime.device;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a GPU's execution providers are built on; each says its own version. */
public enum NvidiaLibrary {
  /** Its version is that of the newest CUDA that it serves. */
  DRIVER("driver", "driver for CUDA", "cuDriverGetVersion", Signature.WRITES_INT),
  RUNTIME("CUDA runtime", "CUDA", "cudaRuntimeGetVersion", Signature.WRITES_INT),
  CUBLAS("cuBLAS", "cuBLAS", "cublasGetProperty", Signature.WRITES_PARTS),
  CUDNN("cuDNN", "cuDNN", "cudnnGetVersion", Signature.RETURNS_SIZE),
  TENSORRT("TensorRT", "TensorRT", "getInferLibVersion", Signature.RETURNS_INT);

  /** How a version is told. */
  private enum Signature {
    /** Through a pointer, as 1000 × major + 10 × minor; returns an error code. */
    WRITES_INT,
    /** Major, minor and patch each through a pointer, by number; returns an error code. */
    WRITES_PARTS,
    /** As 10000 × major + 100 × minor + patch. */
    RETURNS_INT,
    RETURNS_SIZE
  }

  private static final boolean WINDOWS = File.separatorChar == '\\';

  private final String title;
  private final String versionTitle;
  private final String function;
  private final Signature signature;

  NvidiaLibrary(String title, String versionTitle, String function, Signature signature) {
    this.title = title;
    this.versionTitle = versionTitle;
    this.function = function;
    this.signature = signature;
  }

  /**
   * Finds it where the system's loader does, or where it has been loaded from already. What ONNX
   * Runtime has loaded comes first: two CUDA runtimes in a process would be one too many.
   */
  Optional<SymbolLookup> lookUp() {
    var loaded = mappings();
    return files().stream()
        .sorted(Comparator.comparing(file -> !loaded.contains(file)))
        .flatMap(NvidiaLibrary::lookUp)
        .findFirst();
  }

  /** The files that this process has mapped, on Linux. */
  private static String mappings() {
    try {
      return Files.readString(Path.of("/proc/self/maps"));
    } catch (IOException notLinux) {
      return "";
    }
  }

  private static Stream<SymbolLookup> lookUp(String file) {
    try {
      return Stream.of(SymbolLookup.libraryLookup(file, Arena.global()));
    } catch (IllegalArgumentException absent) {
      return Stream.empty();
    }
  }

  /** What it may be called on this system, newest first. */
  private List<String> files() {
    return switch (this) {
      case DRIVER -> List.of(WINDOWS ? "nvcuda.dll" : "libcuda.so.1");
      case RUNTIME ->
          WINDOWS
              ? List.of("cudart64_13.dll", "cudart64_12.dll")
              : List.of("libcudart.so.13", "libcudart.so.12");
      case CUBLAS ->
          WINDOWS
              ? List.of("cublas64_13.dll", "cublas64_12.dll")
              : List.of("libcublas.so.13", "libcublas.so.12");
      case CUDNN -> List.of(WINDOWS ? "cudnn64_9.dll" : "libcudnn.so.9");
      case TENSORRT -> List.of(WINDOWS ? "nvinfer_10.dll" : "libnvinfer.so.10");
    };
  }

  /** What it is, and the names of its file. */
  String titleAndFiles() {
    return "%s (%s)".formatted(title, String.join(", ", files()));
  }

  /** Its version, such as {@code 10.15.1}; empty if it is not there or does not say. */
  public Optional<String> version() {
    return lookUp().flatMap(library -> library.find(function)).flatMap(this::version);
  }

  private Optional<String> version(MemorySegment address) {
    var linker = Linker.nativeLinker();
    try (var arena = Arena.ofConfined()) {
      return switch (signature) {
        case WRITES_INT -> {
          var written = arena.allocate(ValueLayout.JAVA_INT);
          var call =
              linker.downcallHandle(
                  address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
          int error = (int) call.invokeExact(written);
          yield error == 0
              ? Optional.of(inThousands(written.get(ValueLayout.JAVA_INT, 0)))
              : Optional.empty();
        }
        case WRITES_PARTS -> {
          var written = arena.allocate(ValueLayout.JAVA_INT);
          var call =
              linker.downcallHandle(
                  address,
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
          List<String> parts = new ArrayList<>();
          for (int part = 0; part < 3; part++) {
            if ((int) call.invokeExact(part, written) == 0) {
              parts.add(Integer.toString(written.get(ValueLayout.JAVA_INT, 0)));
            }
          }
          yield parts.isEmpty() ? Optional.empty() : Optional.of(String.join(".", parts));
        }
        case RETURNS_INT -> {
          var call = linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT));
          yield Optional.of(inTenThousands((int) call.invokeExact()));
        }
        case RETURNS_SIZE -> {
          var call = linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_LONG));
          yield Optional.of(inTenThousands((long) call.invokeExact()));
        }
      };
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException("C throws nothing", impossible);
    }
  }

  static String inThousands(int version) {
    return "%d.%d".formatted(version / 1000, version % 1000 / 10);
  }

  static String inTenThousands(long version) {
    return "%d.%d.%d".formatted(version / 10_000, version / 100 % 100, version % 100);
  }

  /** Says of some libraries which versions are there, and which are not there under what names. */
  public static String describe(Collection<NvidiaLibrary> libraries) {
    List<String> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (var library : libraries) {
      library
          .version()
          .ifPresentOrElse(
              version -> found.add(library.versionTitle + " " + version),
              () -> missing.add(library.titleAndFiles()));
    }
    if (!missing.isEmpty()) {
      missing.set(0, "not found: " + missing.getFirst());
    }
    return Stream.of(found, missing)
        .filter(list -> !list.isEmpty())
        .map(list -> String.join(", ", list))
        .collect(Collectors.joining("; "));
  }
}
