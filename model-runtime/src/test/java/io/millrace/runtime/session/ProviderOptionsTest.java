package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.GraphInputs;
import io.millrace.runtime.model.ModelDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderOptionsTest {

  private static final int SLOTS = 6;
  private static final int CHUNK = 32;
  private static final int CAPACITY = 128;

  @TempDir Path directory;

  private ModelDirectory model(Precision precision, Layout layout) {
    return ModelDirectory.load(TinyModels.export(directory, precision, layout));
  }

  private static SessionSettings settings() {
    var provider = ProviderSettings.of(ExecutionProvider.TENSORRT);
    return new SessionSettings(SLOTS, CAPACITY, CHUNK, 0, false, provider);
  }

  private Set<String> keys(String provider) {
    var options =
        provider.equals("cuda")
            ? ProviderOptions.cuda(ProviderSettings.of(ExecutionProvider.CUDA), true)
            : ProviderOptions.tensorrt(model(Precision.FP16, Layout.STANDARD), settings());
    return options.keySet();
  }

  /**
   * The names were read off the provider libraries of ONNX Runtime 1.29.0 for GPUs: {@code strings
   * -n 6 libonnxruntime_providers_tensorrt.so | grep -E '^(trt_.+|device_id)$'}, and the like.
   */
  @ParameterizedTest
  @ValueSource(strings = {"cuda", "tensorrt"})
  void everyOptionIsOneThatTheProviderHas(String provider) throws IOException {
    var known = new HashSet<String>();
    try (var list = resource(provider + "-provider-options-1.29.0.txt")) {
      known.addAll(new String(list.readAllBytes(), StandardCharsets.US_ASCII).lines().toList());
    }
    assertThat(known).containsAll(keys(provider));
  }

  /** The same against the library itself, where the ONNX Runtime for GPUs is in use. */
  @ParameterizedTest
  @ValueSource(strings = {"cuda", "tensorrt"})
  void everyOptionIsInTheShippedLibrary(String provider) throws IOException {
    var library =
        Path.of(
            System.getProperty("onnxruntime.native.path", "."),
            "libonnxruntime_providers_" + provider + ".so");
    assumeTrue(Files.exists(library), "no " + library);
    var content = Files.readAllBytes(library);
    assertThat(keys(provider))
        .allSatisfy(key -> assertThat(contains(content, "\0" + key + "\0")).isTrue());
  }

  private static boolean contains(byte[] content, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int start = 0; start + wanted.length <= content.length; start++) {
      if (Arrays.equals(content, start, start + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @CsvSource({"FP32, GROUP_QUERY", "FP16, GROUP_QUERY", "FP16, STANDARD", "FP32, STANDARD"})
  void theProfileCoversEveryDynamicInput(Precision precision, Layout layout) {
    var model = model(precision, layout);
    var profile = TensorRtProfile.of(model, settings());
    var least = shapes(profile.least());
    var best = shapes(profile.best());
    var most = shapes(profile.most());
    Map<String, List<OptionalLong>> dynamic = new HashMap<>(GraphInputs.shapes(model.graphFile()));
    dynamic.values().removeIf(shape -> shape.stream().allMatch(OptionalLong::isPresent));

    assertThat(least.keySet()).isEqualTo(dynamic.keySet());
    assertThat(best.keySet()).isEqualTo(dynamic.keySet());
    assertThat(most.keySet()).isEqualTo(dynamic.keySet());
    dynamic.forEach(
        (name, shape) -> {
          assertThat(at(least, name)).as(name).hasSameSizeAs(shape);
          for (int axis = 0; axis < shape.size(); axis++) {
            long from = at(least, name).get(axis);
            long to = at(most, name).get(axis);
            assertThat(at(best, name).get(axis)).as(name).isBetween(from, to);
            if (shape.get(axis).isPresent()) {
              assertThat(from).as(name).isEqualTo(to).isEqualTo(shape.get(axis).getAsLong());
            }
          }
        });
  }

  private static List<Long> at(Map<String, List<Long>> shapes, String name) {
    return shapes.getOrDefault(name, List.of());
  }

  @Test
  void theProfileGoesFromOneTokenToAChunkInEverySlot() {
    var options = ProviderOptions.tensorrt(model(Precision.FP16, Layout.STANDARD), settings());
    assertThat(options.get("trt_profile_min_shapes")).startsWith("input_ids:1x1,position_ids:1x1,");
    assertThat(options.get("trt_profile_opt_shapes")).startsWith("input_ids:6x1,position_ids:6x1,");
    assertThat(options.get("trt_profile_max_shapes"))
        .startsWith("input_ids:6x32,position_ids:6x32,past_key_values.0.key:6x2x");
  }

  @Test
  void typesAreLeftToTheGraph() {
    // With any of these on, the network is not strongly typed, and has no attention nor KV cache.
    assertThat(ProviderOptions.tensorrt(model(Precision.FP16, Layout.STANDARD), settings()))
        .doesNotContainKeys("trt_fp16_enable", "trt_bf16_enable", "trt_int8_enable");
  }

  private static Map<String, List<Long>> shapes(String option) {
    Map<String, List<Long>> shapes = new HashMap<>();
    for (var part : option.split(",", -1)) {
      int colon = part.lastIndexOf(':');
      shapes.put(
          part.substring(0, colon),
          Arrays.stream(part.substring(colon + 1).split("x", -1)).map(Long::valueOf).toList());
    }
    return shapes;
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(ProviderOptionsTest.class.getResourceAsStream(name), name);
  }
}
