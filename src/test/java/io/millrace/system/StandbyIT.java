package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.events.Completion;
import io.millrace.events.Token;
import io.millrace.topology.config.MillraceConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second processor that has the first one's state, and one that keeps its place in the group. */
class StandbyIT {

  private static final int PROMPTS = 60;
  private static final int TOKENS = 300;
  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final Map<String, ?> SLOW = Map.of("slots", 1, "threads", 1, "capacity", 512);

  @TempDir private Path directory;

  /** How long it takes is printed: no test of time, which is the machine's too. */
  @Test
  void a_standby_goes_on_where_a_killed_processor_was() throws Exception {
    // The timeouts are those that a processor has by default.
    Map<String, ?> settings = Map.of("engine", SLOW, "kafka", Map.of("num.standby.replicas", 1));
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(directory, settings);
      var topics = configuration.topics();
      try (var first = neighbours.startProcessor("first", directory.resolve("a"), settings);
          var second = neighbours.startProcessor("second", directory.resolve("b"), settings);
          var completions = new Log<>(configuration, topics.completionsTopic(), Completion.class);
          var tokens =
              new Tail<>(
                  configuration, topics.tokensTopic(), Token.class, TopicReaders.UNCOMMITTED)) {
        Prompts.send(configuration, Prompts.numbered(PROMPTS, TOKENS));
        completions.await(PROMPTS / 10, WITHIN);
        first.kill();
        long killed = System.nanoTime();
        var isResumed = new AtomicBoolean();
        while (!isResumed.get()) {
          assertThat(System.nanoTime() - killed).isLessThan(WITHIN.toNanos());
          tokens.read(
              record -> {
                // Those of before the kill are of a first attempt.
                if (record.value().getAttempt() > 1) {
                  isResumed.set(true);
                }
              });
        }
        System.out.printf("First resumed token after %.1f s%n", (System.nanoTime() - killed) / 1e9);
        completions.await(PROMPTS, WITHIN);
        second.terminate();
      }
      Promises.assertKept(configuration);
    }
  }

  @Test
  void a_static_member_that_restarts_in_time_moves_nothing() throws Exception {
    try (var neighbours = Neighbours.start(directory)) {
      var configuration = neighbours.configuration(directory, member("first"));
      var topic = configuration.topics().completionsTopic();
      var state = directory.resolve("a");
      try (var first = neighbours.startProcessor("first", state, member("first"));
          var second =
              neighbours.startProcessor("second", directory.resolve("b"), member("second"));
          var completions = new Log<>(configuration, topic, Completion.class)) {
        Prompts.send(configuration, Prompts.numbered(PROMPTS, TOKENS));
        completions.await(PROMPTS / 10, WITHIN);
        var before = assignment(configuration);
        assertThat(before).hasSize(2);
        assertThat(first.terminate()).isZero();
        assertThat(assignment(configuration)).isEqualTo(before);
        try (var again = neighbours.startProcessor("again", state, member("first"))) {
          completions.await(PROMPTS, WITHIN);
          assertThat(assignment(configuration)).isEqualTo(before);
          again.terminate();
        }
        second.terminate();
      }
      Promises.assertKept(configuration);
    }
  }

  private static Map<String, ?> member(String name) {
    return Map.of(
        "engine",
        SLOW,
        "kafka",
        Map.of(
            "consumer.group.instance.id", name,
            "consumer.session.timeout.ms", 60_000,
            "consumer.heartbeat.interval.ms", 3_000));
  }

  /** The partitions of each member, by its name. */
  private static Map<String, String> assignment(MillraceConfiguration configuration)
      throws Exception {
    Map<String, String> all = new TreeMap<>();
    try (var admin = Admin.create(Prompts.producerProperties(configuration))) {
      admin
          .describeConsumerGroups(List.of(configuration.applicationId()))
          .all()
          .get()
          .values()
          .forEach(
              group ->
                  group
                      .members()
                      .forEach(
                          member ->
                              all.put(
                                  member.groupInstanceId().orElse("none"),
                                  member.assignment().topicPartitions().stream()
                                      .map(Object::toString)
                                      .sorted()
                                      .toList()
                                      .toString())));
    }
    return all;
  }
}
