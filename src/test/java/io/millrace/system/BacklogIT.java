package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Status;
import io.millrace.local.FreePort;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.topology.config.MillraceConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backlog stays in the log: however long it is, no more prompts are in flight than the settings
 * say, memory does not grow, and the processor keeps its partitions.
 *
 * <p>{@code -Dmillrace.backlog.prompts=1000000} makes a long one, of which as much is answered as
 * {@code -Dmillrace.backlog.minutes} allow; {@code -Djunit.jupiter.execution.timeout.default} has
 * to give it the time. What is sampled is printed.
 */
class BacklogIT {

  private static final int PROMPTS = Integer.getInteger("millrace.backlog.prompts", 10_000);
  private static final Duration LONGEST =
      Duration.ofMinutes(Integer.getInteger("millrace.backlog.minutes", 12));
  private static final int AT_ONCE = 10_000;
  private static final int PARTITIONS = 3;
  private static final int MOST_IN_FLIGHT = 16;

  /** Enough for the engine to be slower than the intake: only then is there a backlog to hold. */
  private static final int TOKENS = 8;

  /** What one poll brings is still taken when the partition is full. */
  private static final int FETCHED_BY_THEN = 100;

  private static final Duration SAMPLE_EVERY = Duration.ofSeconds(20);
  private static final Duration WARM_AFTER = Duration.ofMinutes(1);
  private static final double MOST_GROWTH = 1.05;
  private static final long SPREAD_BYTES = 8L << 20;

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;

  BacklogIT() throws IOException {
    port = FreePort.find();
  }

  /**
   * What the processor shows of itself.
   *
   * @param heapBytes what is used after a full collection
   * @param anonymousBytes resident, without mapped files: heap and native memory
   */
  private record Sample(
      Duration age, long ended, long inFlight, long pauses, long heapBytes, long anonymousBytes) {

    @Override
    public String toString() {
      return "%4d s: %7d ended, %3d in flight, %6d pauses, heap %.2f MiB, RssAnon %.1f MiB"
          .formatted(
              age.toSeconds(),
              ended,
              inFlight,
              pauses,
              heapBytes / 1048576.0,
              anonymousBytes / 1048576.0);
    }
  }

  @Test
  void the_log_is_the_queue() throws Exception {
    // Without a prefix cache: it fills up to what it was given, page by page, as prompts come that
    // begin otherwise, which would hide what should not grow.
    Map<String, ?> settings =
        Map.of(
            "engine", Map.of("threads", 1, "capacity", 128, "prefix-cache", 0),
            "inflight",
                Map.of("max-per-partition", MOST_IN_FLIGHT, "resume-at", MOST_IN_FLIGHT / 2),
            "monitoring", Map.of("port", port));
    var state = directory.resolve("state");
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(state, settings);
      // It makes the topics. The heap is touched from the start, so that what grows is something
      // else.
      try (var first =
          neighbours.startProcessor(
              "processor", state, settings, "-Xms512m", "-XX:+AlwaysPreTouch")) {
        double joins = rebalances();
        long begin = System.nanoTime();
        for (int sent = 0; sent < PROMPTS; sent += AT_ONCE) {
          Prompts.send(configuration, prompts(sent, Math.min(sent + AT_ONCE, PROMPTS)));
        }
        System.out.printf(
            "%d prompts sent in %d s%n", PROMPTS, (System.nanoTime() - begin) / 1_000_000_000);
        var samples = sampleUntilDone(first, begin);

        assertThat(samples)
            .allSatisfy(
                sample ->
                    assertThat(sample.inFlight())
                        .isLessThanOrEqualTo(PARTITIONS * (MOST_IN_FLIGHT + FETCHED_BY_THEN)));
        assertThat(samples.getLast().pauses()).as("pauses").isGreaterThan(PARTITIONS);
        assertThat(rebalances()).as("rebalances").isEqualTo(joins);
        assertFlat(samples);
        long ended = samples.getLast().ended();
        assertThat(first.terminate()).isZero();
        assertEachOnce(configuration, ended);
      }
    }
  }

  private List<Sample> sampleUntilDone(MillraceJvm processor, long begin)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    long mostInFlight = 0;
    long next = begin;
    while (true) {
      var metrics = metrics();
      long ended = (long) sum(metrics, "millrace_requests_total");
      long inFlight = (long) sum(metrics, "millrace_prompts_in_flight");
      mostInFlight = Math.max(mostInFlight, inFlight);
      boolean isOver = ended == PROMPTS || System.nanoTime() - begin > LONGEST.toNanos();
      if (isOver || System.nanoTime() - next > 0) {
        next = System.nanoTime() + SAMPLE_EVERY.toNanos();
        var sample = sample(processor, begin, ended, mostInFlight);
        System.out.println(sample);
        samples.add(sample);
        mostInFlight = 0;
      }
      if (isOver) {
        return samples;
      }
      Thread.sleep(100);
    }
  }

  private Sample sample(MillraceJvm processor, long begin, long ended, long inFlight)
      throws IOException, InterruptedException {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var collection = new ProcessBuilder(jcmd, Long.toString(processor.pid()), "GC.run");
    collection.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    assertThat(collection.start().waitFor(1, TimeUnit.MINUTES)).as("a collection").isTrue();
    var metrics = metrics();
    return new Sample(
        Duration.ofNanos(System.nanoTime() - begin),
        ended,
        inFlight,
        (long) sum(metrics, "millrace_partitions_pauses_total"),
        (long) sum(metrics, "jvm_memory_used_bytes{area=\"heap\""),
        anonymousBytes(processor.pid()));
  }

  private static long anonymousBytes(long pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .sum();
    }
  }

  /** From the first minute on; there is nothing to see in a run that is shorter than two. */
  private static void assertFlat(List<Sample> samples) {
    var warm = samples.stream().filter(sample -> sample.age().compareTo(WARM_AFTER) >= 0).toList();
    if (warm.isEmpty() || samples.getLast().age().compareTo(WARM_AFTER.multipliedBy(2)) < 0) {
      return;
    }
    assertThat(warm.getLast().heapBytes())
        .as("heap after collection")
        .isLessThan((long) (warm.getFirst().heapBytes() * MOST_GROWTH) + SPREAD_BYTES);
    assertThat(warm.getLast().anonymousBytes())
        .as("RssAnon")
        .isLessThan((long) (warm.getFirst().anonymousBytes() * MOST_GROWTH) + SPREAD_BYTES);
  }

  /** In the committed log no prompt has ended twice, and at least as many as were counted. */
  private static void assertEachOnce(MillraceConfiguration configuration, long ended) {
    var seen = new BitSet();
    try (var completions =
        new Tail<>(configuration, configuration.topics().completionsTopic(), Completion.class)) {
      for (int quiet = 0; quiet < 10; ) {
        int count =
            completions.read(
                record -> {
                  int index = Integer.parseInt(record.value().getRequestId());
                  assertThat(seen.get(index)).as("%d has ended already", index).isFalse();
                  assertThat(record.value().getStatus()).isEqualTo(Status.COMPLETED);
                  seen.set(index);
                });
        quiet = count == 0 ? quiet + 1 : 0;
      }
    }
    System.out.printf("%d completions in the log, each once%n", seen.cardinality());
    assertThat((long) seen.cardinality()).isGreaterThanOrEqualTo(ended);
  }

  private double rebalances() throws IOException, InterruptedException {
    return sum(metrics(), "kafka_consumer_coordinator_rebalance_total");
  }

  private String metrics() throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"));
    return client.send(request.build(), BodyHandlers.ofString()).body();
  }

  /** The sum over all that begin like this. */
  private static double sum(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static List<Prompt> prompts(int from, int to) {
    GeneratedClasses.trust();
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                Prompt.newBuilder()
                    .setRequestId(Integer.toString(i))
                    .setMessages(
                        List.of(
                            Message.newBuilder().setRole("user").setContent("Order " + i).build()))
                    .setSampling(Sampling.newBuilder().setMaxCompletionTokens(TOKENS).build())
                    .build())
        .toList();
  }
}
