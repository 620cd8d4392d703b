package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.ProviderOption;
import io.millrace.runtime.bench.BenchmarkSettings;
import io.millrace.runtime.bench.EngineBenchmark;
import io.millrace.runtime.bench.EngineMeasurement;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures the engine against a bare loop over the same files. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    description = {
      "Measures prefill and decode of the engine against a bare loop over the same files, in one"
          + " run, in turns.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  millrace models random smollm2-135m /tmp/int8 --precision int8",
      "  millrace bench engine /tmp/int8 --batch 1,4,16"
    })
final class EngineCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Model directories; only figures of one run can be compared.")
  private List<Path> models;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "ROWS",
      defaultValue = "1,4,16",
      description = "How many rows are decoded together. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "9",
      description = {
        "Of everything; the medians are reported, and as ratios the medians of the ratios of",
        "neighbours. Default: ${DEFAULT-VALUE}."
      })
  private int repeats;

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "64",
      description = "Length of prompts. Default: ${DEFAULT-VALUE}.")
  private int promptTokens;

  @Option(
      names = "--completion",
      paramLabel = "TOKENS",
      defaultValue = "64",
      description = "Length of completions. Default: ${DEFAULT-VALUE}.")
  private int completionTokens;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of a step on the CPU; 0 for one per core. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Mixin private CacheTypeOption cache;

  @Mixin private ProviderOption provider;

  @Option(names = "--json", description = "One line of JSON instead of the table.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    var settings =
        new BenchmarkSettings(
            models,
            batches,
            repeats,
            promptTokens,
            completionTokens,
            threads,
            true,
            cache.type(),
            provider.settings());
    var measurements = new EngineBenchmark(settings, System.err::println).run();
    if (json) {
      System.out.println(json(measurements));
    } else {
      print(measurements);
      compare(measurements);
    }
    return 0;
  }

  private static String json(List<EngineMeasurement> measurements) throws JsonProcessingException {
    var mapper = new ObjectMapper();
    var array = mapper.createArrayNode();
    for (var measured : measurements) {
      var object = array.addObject();
      object
          .put("model", measured.model())
          .put("batch", measured.batch())
          .put("decode_tokens_per_second", measured.engineDecode().median())
          .put("bare_decode_tokens_per_second", measured.bareDecode().median())
          .put("decode_ratio", measured.decodeRatio())
          .put("prefill_tokens_per_second", measured.enginePrefill().median())
          .put("bare_prefill_tokens_per_second", measured.barePrefill().median())
          .put("prefill_ratio", measured.prefillRatio())
          .put("open_seconds", measured.openSeconds());
      if (measured.decodeLimit().isPresent()) {
        object
            .put("decode_limit_tokens_per_second", measured.decodeLimit().getAsDouble())
            .put("share_of_decode_limit", shareOfLimit(measured));
      }
    }
    return mapper.writeValueAsString(array);
  }

  private static void print(List<EngineMeasurement> measurements) {
    System.out.printf(
        "%-24s %5s  %10s %10s %7s  %10s %10s %7s%n",
        "tokens/s", "batch", "decode", "bare", "ratio", "prefill", "bare", "ratio");
    for (var measured : measurements) {
      System.out.printf(
          "%-24s %5d  %10.1f %10.1f %6.1f%%  %10.1f %10.1f %6.1f%%%n",
          measured.model(),
          measured.batch(),
          measured.engineDecode().median(),
          measured.bareDecode().median(),
          100 * measured.decodeRatio(),
          measured.enginePrefill().median(),
          measured.barePrefill().median(),
          100 * measured.prefillRatio());
      if (measured.decodeLimit().isPresent()) {
        System.out.printf(
            "%-24s %5s  %10.1f would be the limit of the GPU's memory: %.1f%% of it reached%n",
            "", "", measured.decodeLimit().getAsDouble(), 100 * shareOfLimit(measured));
      }
    }
  }

  private static double shareOfLimit(EngineMeasurement measured) {
    return measured.engineDecode().median() / measured.decodeLimit().orElseThrow();
  }

  private void compare(List<EngineMeasurement> measurements) {
    for (int batch : batches) {
      var same = measurements.stream().filter(measured -> measured.batch() == batch).toList();
      var first = same.getFirst();
      for (var other : same.subList(1, same.size())) {
        System.out.printf(
            "%s against %s, batch %d: decode %.2f times, prefill %.2f times%n",
            first.model(),
            other.model(),
            batch,
            first.engineDecode().medianRatioTo(other.engineDecode()),
            first.enginePrefill().medianRatioTo(other.enginePrefill()));
      }
    }
  }
}
