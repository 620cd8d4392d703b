package io.millrace.cli.bench;

import io.millrace.batching.IterationScheduler;
import io.millrace.batching.Schedulable;
import io.millrace.batching.SchedulerLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what the scheduler takes for an iteration, by how many prompts wait. */
@Command(
    name = "admission",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the scheduler without a model: with so many prompts waiting, of many tenants and"
          + " priorities, how long it takes until one has ended, another has its slot and a new one"
          + " waits, and how long a refusal takes.",
      ""
    })
final class AdmissionCommand implements Callable<Integer> {

  private static final int SLOTS = 16;
  private static final int TENANTS = 1_000;
  private static final int PRIORITIES = 5;
  private static final int REPEATS = 7;
  private static final int CYCLES = 20_000;

  @Option(
      names = "--waiting",
      split = ",",
      paramLabel = "PROMPTS",
      defaultValue = "100,10000,100000",
      description = "How many prompts wait. Default: ${DEFAULT-VALUE}.")
  private List<Integer> waiting;

  /** A prompt that is nothing but its demands. */
  private record Demand(
      String requestId,
      int promptTokens,
      int maxCompletionTokens,
      int priority,
      long deadlineNanos,
      String tenant,
      Object source)
      implements Schedulable {

    static Demand random(Random random) {
      return new Demand(
          "r",
          1 + random.nextInt(1_000),
          1 + random.nextInt(500),
          random.nextInt(PRIORITIES),
          random.nextBoolean() ? NO_DEADLINE : Long.MAX_VALUE - 1 - random.nextInt(1_000_000),
          "tenant" + random.nextInt(TENANTS),
          random.nextInt(3));
    }
  }

  @Override
  public Integer call() {
    // The first time is for the compiler.
    measure(1_000);
    waiting.forEach(prompts -> System.out.println(measure(prompts)));
    return 0;
  }

  private static String measure(int prompts) {
    var limits = new SchedulerLimits(SLOTS, prompts, Long.MAX_VALUE, 1_000_000_000);
    var scheduler = new IterationScheduler<Demand>(limits);
    var random = new Random(1);
    long clock = 0;
    long before = usedBytes();
    for (int running = 0; running < SLOTS; running++) {
      scheduler.offer(Demand.random(random), clock++);
      scheduler.admit();
    }
    while (scheduler.offer(Demand.random(random), clock)) {
      clock++;
    }
    long bytes = usedBytes() - before;
    double[] cycles = new double[REPEATS];
    double[] refusals = new double[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        scheduler.expireWaiting(clock);
        scheduler.retire(random.nextInt(SLOTS), 100);
        scheduler.admit();
        scheduler.offer(Demand.random(random), clock++);
      }
      long middle = System.nanoTime();
      var refused = Demand.random(random);
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        scheduler.offer(refused, clock);
      }
      cycles[repeat] = (middle - start) / 1e3 / CYCLES;
      refusals[repeat] = (double) (System.nanoTime() - middle) / CYCLES;
    }
    return String.format(
        Locale.ROOT,
        "%,8d waiting: %6.2f µs for one to end, one to start and one to come; %5.1f ns for a"
            + " refusal; %,d bytes a prompt",
        scheduler.waiting(),
        median(cycles),
        median(refusals),
        bytes / prompts);
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
