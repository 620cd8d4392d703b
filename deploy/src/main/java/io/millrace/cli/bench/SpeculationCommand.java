package io.millrace.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.CommandException;
import io.millrace.runtime.bench.SpeculationBenchmark;
import io.millrace.runtime.bench.SpeculationMeasurement;
import io.millrace.runtime.bench.SpeculationSettings;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures what speculation gains and costs. */
@Command(
    name = "speculation",
    mixinStandardHelpOptions = true,
    description = {
      "Generates for one prompt after the other with speculation and without, in one run, in turns:"
          + " the model's most likely tokens, which soon repeat themselves; random ones, for which"
          + " nothing can be drafted; and random ones of a few, of which much is drafted, mostly"
          + " wrong. Counts the tokens that differ, which must be none.",
      ""
    },
    footer = {
      "",
      "Ends with 1 if a token differs. Example:",
      "  millrace bench speculation DIR --file demo-prompts.jsonl"
    })
final class SpeculationCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The model's directory.")
  private Path model;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "7",
      description = "Drafted in one step at most. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--draft-model",
      paramLabel = "DIR",
      description =
          "A smaller model with the same tokenizer, which drafts where the text does not.")
  private Optional<Path> draftModel;

  @Option(
      names = "--file",
      paramLabel = "JSONL",
      description = "Chats to answer besides: lines with messages, as in a chat request.")
  private @Nullable Path file;

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "64",
      description = "Length of random prompts. Default: ${DEFAULT-VALUE}.")
  private int promptTokens;

  @Option(
      names = "--completion",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Length of completions at most. Default: ${DEFAULT-VALUE}.")
  private int completionTokens;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "8",
      description = "Of each kind. Default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "5",
      description = {
        "Of everything; the medians are reported, and as ratios the medians of the ratios of",
        "neighbours. Default: ${DEFAULT-VALUE}."
      })
  private int repeats;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of a step; 0 for one per core. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(names = "--json", description = "One line of JSON instead of the table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var measurements = new SpeculationBenchmark(settings(), System.err::println).run();
    if (json) {
      System.out.println(json(measurements));
    } else {
      print(measurements);
    }
    boolean same = measurements.stream().allMatch(measured -> measured.differing() == 0);
    return same ? 0 : 1;
  }

  private SpeculationSettings settings() throws IOException {
    List<List<ChatMessage>> chats = file == null ? List.of() : chats(file);
    try {
      // Chats may be longer than the random prompts; what is not touched of a slot costs nothing.
      var session =
          new SessionSettings(1, Integer.MAX_VALUE, 256, threads, true)
              .withSpeculativeTokens(tokens);
      return new SpeculationSettings(
          model, session, draftModel, chats, promptTokens, completionTokens, requests, repeats);
    } catch (IllegalArgumentException outOfRange) {
      throw new CommandException(String.valueOf(outOfRange.getMessage()));
    }
  }

  private static List<List<ChatMessage>> chats(Path file) throws IOException {
    var mapper = new ObjectMapper();
    List<List<ChatMessage>> chats = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank()) {
        chats.add(messages(mapper.readTree(line)));
      }
    }
    return chats;
  }

  private static List<ChatMessage> messages(JsonNode chat) {
    List<ChatMessage> messages = new ArrayList<>();
    for (var message : chat.path("messages")) {
      messages.add(
          new ChatMessage(message.path("role").asText(), message.path("content").asText()));
    }
    return messages;
  }

  private static String json(List<SpeculationMeasurement> measurements)
      throws JsonProcessingException {
    var mapper = new ObjectMapper();
    var array = mapper.createArrayNode();
    for (var measured : measurements) {
      array
          .addObject()
          .put("text", measured.text())
          .put("tokens_per_second", measured.with().median())
          .put("tokens_per_second_without", measured.without().median())
          .put("ratio", measured.with().medianRatioTo(measured.without()))
          .put("accepted", measured.accepted())
          .put("rejected", measured.rejected())
          .put("differing", measured.differing());
    }
    return mapper.writeValueAsString(array);
  }

  private static void print(List<SpeculationMeasurement> measurements) {
    System.out.printf(
        "%-24s %10s %10s %7s  %10s %10s %10s%n",
        "tokens/s", "with", "without", "ratio", "accepted", "rejected", "differing");
    for (var measured : measurements) {
      System.out.printf(
          Locale.ROOT,
          "%-24s %10.1f %10.1f %6.2fx  %10d %10d %10d%n",
          measured.text(),
          measured.with().median(),
          measured.without().median(),
          measured.with().medianRatioTo(measured.without()),
          measured.accepted(),
          measured.rejected(),
          measured.differing());
    }
  }
}
