package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.cli.CommandException;
import io.millrace.cli.ProviderOption;
import io.millrace.cli.reply.Percentiles;
import io.millrace.runtime.bench.Arrivals;
import io.millrace.runtime.bench.Lengths;
import io.millrace.runtime.bench.LoadBenchmark;
import io.millrace.runtime.bench.LoadMeasurement;
import io.millrace.runtime.bench.LoadSettings;
import io.millrace.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Measures what requests see of an engine under a load. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = {
      "Puts a load on the engine and measures its throughput, the time to the first token and the"
          + " time between tokens. Prompts are random tokens.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  millrace bench load DIR --concurrency 16 --prompt 64 --completion 32-96",
      "  millrace bench load DIR --rate 3 --prompt 32-1024 --completion 32-96",
      "  millrace bench load DIR --concurrency 1 --shared-prefix 512 --prefixes 10 --prompt 16"
          + " --completion 4 --requests 60"
    })
final class LoadCommand implements Callable<Integer> {

  /** Says in its message what is wrong with one that cannot be read. */
  private static final class LengthsConverter implements ITypeConverter<Lengths> {

    @Override
    public Lengths convert(String text) {
      try {
        return Lengths.parse(text);
      } catch (IllegalArgumentException unreadable) {
        throw new TypeConversionException(String.valueOf(unreadable.getMessage()));
      }
    }
  }

  @Parameters(paramLabel = "DIR", description = "The model's directory.")
  private Path model;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "16",
      description = "Requests at once, always. Default: ${DEFAULT-VALUE}.")
  private int concurrency;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Instead: requests a second, at random times (a Poisson process).")
  private @Nullable Double rate;

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "64",
      converter = LengthsConverter.class,
      description = "Length of prompts, such as 64 or 32-1024. Default: ${DEFAULT-VALUE}.")
  private Lengths prompts;

  @Option(
      names = "--completion",
      paramLabel = "TOKENS",
      defaultValue = "32-96",
      converter = LengthsConverter.class,
      description = "Length of completions. Default: ${DEFAULT-VALUE}.")
  private Lengths completions;

  @Option(
      names = "--shared-prefix",
      paramLabel = "TOKENS",
      defaultValue = "0",
      description = "More tokens, which prompts share. Default: ${DEFAULT-VALUE}.")
  private int sharedPrefix;

  @Option(
      names = "--prefixes",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of how many such beginnings, one after the other. Default: ${DEFAULT-VALUE}.")
  private int prefixes;

  @Option(
      names = "--prefix-cache",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "Memory of the prefix cache. Default: ${DEFAULT-VALUE}.")
  private int prefixCache;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "16",
      description = "Rows decoded together at most. Default: ${DEFAULT-VALUE}.")
  private int slots;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      defaultValue = "256",
      description = "Prompt tokens computed between two decode steps. Default: ${DEFAULT-VALUE}.")
  private int chunk;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "128",
      description = "How many are measured. Default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "32",
      description = "How many go before them. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Mixin private CacheTypeOption cache;

  @Mixin private ProviderOption provider;

  @Option(names = "--json", description = "One line of JSON instead of the text.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException, JsonProcessingException {
    var measured = new LoadBenchmark(settings(), System.err::println).run();
    if (json) {
      System.out.println(json(measured));
    } else {
      print(measured);
    }
    return 0;
  }

  private LoadSettings settings() {
    int capacity = sharedPrefix + prompts.most() + completions.most() + 1;
    try {
      return new LoadSettings(
          model,
          new SessionSettings(slots, capacity, chunk, 0, true, provider.settings())
              .withCacheType(cache.type()),
          (long) prefixCache << 20,
          rate == null ? new Arrivals.Concurrent(concurrency) : new Arrivals.Poisson(rate),
          prompts,
          completions,
          sharedPrefix,
          prefixes,
          warmUp,
          requests);
    } catch (IllegalArgumentException outOfRange) {
      throw new CommandException(String.valueOf(outOfRange.getMessage()));
    }
  }

  private static String json(LoadMeasurement measured) throws JsonProcessingException {
    var mapper = new ObjectMapper();
    var object =
        mapper
            .createObjectNode()
            .put("seconds", measured.seconds())
            .put("prompt_tokens", measured.promptTokens())
            .put("cached_tokens", measured.cachedTokens())
            .put("completion_tokens", measured.completionTokens())
            .put("completion_tokens_per_second", measured.completionTokensPerSecond())
            .put("rows_per_step", measured.rowsPerStep())
            .put("share_outside_the_model", measured.shareOutsideTheModel());
    put(object.putObject("first_token_ms"), new Percentiles(measured.firstTokenNanos()));
    put(
        object.putObject("first_token_cached_ms"),
        new Percentiles(measured.cachedFirstTokenNanos()));
    put(object.putObject("between_tokens_ms"), new Percentiles(measured.gapNanos()));
    return mapper.writeValueAsString(object);
  }

  private static void put(ObjectNode object, Percentiles percentiles) {
    object
        .put("count", percentiles.count())
        .put("p50", percentiles.millisAt(50))
        .put("p99", percentiles.millisAt(99))
        .put("max", percentiles.millisAt(100));
  }

  private static void print(LoadMeasurement measured) {
    System.out.printf(
        Locale.ROOT,
        "%d completion tokens in %.1f s: %.1f tokens/s, %.1f rows a step, %.1f %% of the time"
            + " outside the model%n",
        measured.completionTokens(),
        measured.seconds(),
        measured.completionTokensPerSecond(),
        measured.rowsPerStep(),
        100 * measured.shareOutsideTheModel());
    System.out.printf(
        Locale.ROOT,
        "%d prompt tokens, %d of them from the prefix cache%n",
        measured.promptTokens(),
        measured.cachedTokens());
    print("first token", new Percentiles(measured.firstTokenNanos()));
    print("first token, prefix cached", new Percentiles(measured.cachedFirstTokenNanos()));
    print("between tokens", new Percentiles(measured.gapNanos()));
  }

  private static void print(String what, Percentiles percentiles) {
    if (percentiles.count() > 0) {
      System.out.printf(
          Locale.ROOT,
          "%-28s p50 %8.2f ms, p99 %8.2f ms, at most %8.2f ms (%d)%n",
          what,
          percentiles.millisAt(50),
          percentiles.millisAt(99),
          percentiles.millisAt(100),
          percentiles.count());
    }
  }
}
