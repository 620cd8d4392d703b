package io.millrace.cli.errors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.ProcessorOption;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.topics.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists dead letters, the oldest first.")
final class ListCommand implements Callable<Integer> {

  @Mixin private ProcessorOption processor;

  @Mixin private LetterFilter filter;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "50",
      description = "The last so many. Default: ${DEFAULT-VALUE}.")
  private int last;

  @Option(names = "--json", description = "One line of JSON for each letter instead of the table.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    var clients = new Clients(processor.configuration(), LetterBox.PATIENCE);
    try (var box = new LetterBox(clients, filter.from(), filter.to())) {
      var letters = box.find(filter, last);
      if (json) {
        for (var letter : letters) {
          System.out.println(new ObjectMapper().writeValueAsString(fields(letter)));
        }
      } else {
        print(letters);
      }
    }
    return 0;
  }

  private static void print(List<DeadLetter> letters) {
    for (var letter : letters) {
      var error = letter.error();
      System.out.printf(
          Locale.ROOT,
          "%s  %s%n    %s, %s: %s%n    of %s%s%n",
          letter.place(),
          letter.time(),
          error.getStage().name().toLowerCase(Locale.ROOT),
          error.getCode(),
          error.getMessage(),
          letter.origin().map(Place::toString).orElse("an unknown record"),
          error.getRequestId() == null ? "" : ", request " + error.getRequestId());
    }
    System.out.printf(Locale.ROOT, "%d dead letters%n", letters.size());
  }

  private static Map<String, Object> fields(DeadLetter letter) {
    var error = letter.error();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("place", letter.place().toString());
    fields.put("time", letter.time().toString());
    fields.put("stage", error.getStage().name());
    fields.put("code", error.getCode());
    fields.put("message", error.getMessage());
    fields.put("request_id", Objects.requireNonNullElse(error.getRequestId(), ""));
    fields.put("origin", letter.origin().map(Place::toString).orElse(""));
    return fields;
  }
}
