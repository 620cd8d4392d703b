package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.cli.CommandException;
import io.millrace.cli.ProviderOption;
import io.millrace.monitoring.ProcessMemory;
import io.millrace.runtime.bench.SoakBenchmark;
import io.millrace.runtime.bench.SoakReport;
import io.millrace.runtime.bench.SoakSample;
import io.millrace.runtime.bench.SoakSettings;
import io.millrace.runtime.session.SessionSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks for what an engine leaves behind in the long run. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "Generates for long, with requests of every kind: mixed lengths, sampling, tenants,"
          + " priorities and stop strings, cancellations, deadlines, owners that listen late."
          + " Checks that each request ends once, that the counts add up, that no slot is lost and"
          + " that memory does not grow.",
      ""
    },
    footer = {
      "",
      "Ends with 1 if a check fails. Example:",
      "  millrace models random tiny /tmp/tiny --precision int8",
      "  MILLRACE_JAVA_OPTS='-Xms384m -Xmx384m -XX:+AlwaysPreTouch' millrace bench soak /tmp/tiny",
      "With a heap of one size: what the JVM gives back and takes again is no leak."
    })
final class SoakCommand implements Callable<Integer> {

  private static final int SLOTS = 16;
  private static final int CAPACITY = 256;
  private static final int PREFILL_CHUNK = 64;
  private static final int WAITING = 32;

  /** As much as some hundred of its prompts need on the tiny shape, so that it is full soon. */
  private static final long PREFIX_CACHE_BYTES = 1 << 20;

  @Parameters(paramLabel = "DIR", description = "The model's directory.")
  private Path model;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "To generate. Default: ${DEFAULT-VALUE}.")
  private long tokens;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the requests. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ProviderOption provider;

  @Option(names = "--json", description = "One line of JSON; the table goes to standard error.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    var table = json ? System.err : System.out;
    var settings = settings();
    printHeader(table);
    var report =
        new SoakBenchmark(settings, ProcessMemory::residentBytes, sample -> print(table, sample))
            .run();
    var faults = report.allFaults();
    if (json) {
      System.out.println(json(report));
    } else {
      faults.forEach(System.out::println);
    }
    return faults.isEmpty() ? 0 : 1;
  }

  private SoakSettings settings() {
    try {
      return new SoakSettings(
          model,
          new SessionSettings(SLOTS, CAPACITY, PREFILL_CHUNK, 1, false, provider.settings()),
          PREFIX_CACHE_BYTES,
          WAITING,
          tokens,
          seed);
    } catch (IllegalArgumentException outOfRange) {
      throw new CommandException(String.valueOf(outOfRange.getMessage()));
    }
  }

  private static void printHeader(PrintStream table) {
    table.printf(
        "%10s %8s %10s %10s %9s %9s %10s %9s %9s%n",
        "tokens",
        "seconds",
        "completed",
        "cancelled",
        "expired",
        "refused",
        "tokens/s",
        "heap MiB",
        "RSS MiB");
  }

  private static void print(PrintStream table, SoakSample sample) {
    var resident = sample.residentBytes();
    table.printf(
        Locale.ROOT,
        "%,10d %8.1f %,10d %,10d %,9d %,9d %,10.0f %9.2f %9s%n",
        sample.tokens(),
        sample.seconds(),
        sample.completed(),
        sample.cancelled(),
        sample.expired(),
        sample.refused(),
        sample.tokens() / sample.seconds(),
        mebibytes(sample.heapBytes()),
        resident.isPresent()
            ? String.format(Locale.ROOT, "%.1f", mebibytes(resident.getAsLong()))
            : "unknown");
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static String json(SoakReport report) throws JsonProcessingException {
    var mapper = new ObjectMapper();
    var object = mapper.createObjectNode();
    var samples = object.putArray("samples");
    report.samples().forEach(sample -> put(samples.addObject(), sample));
    object.put("heap_growth", report.heapGrowth());
    report.residentGrowth().ifPresent(growth -> object.put("resident_growth", growth));
    var faults = object.putArray("faults");
    report.allFaults().forEach(faults::add);
    return mapper.writeValueAsString(object);
  }

  private static void put(ObjectNode object, SoakSample sample) {
    object
        .put("seconds", sample.seconds())
        .put("tokens", sample.tokens())
        .put("completed", sample.completed())
        .put("cancelled", sample.cancelled())
        .put("expired", sample.expired())
        .put("refused", sample.refused())
        .put("heap_bytes", sample.heapBytes());
    sample.residentBytes().ifPresent(bytes -> object.put("resident_bytes", bytes));
  }
}
