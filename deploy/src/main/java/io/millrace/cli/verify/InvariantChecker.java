package io.millrace.cli.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.topics.Place;
import io.millrace.events.Completion;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Stage;
import io.millrace.events.Status;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the events of a processor against the prompts it was sent.
 *
 * <p>Takes records in any order between topics, and within a topic in the order of each partition.
 * A prompt all of whose events are there and right is forgotten but for 16 bytes, so that only what
 * is unfinished takes memory. Not safe for use by several threads.
 */
public final class InvariantChecker {

  /** What of a conversation has been answered: where the prompt was and where its answer is. */
  private record Answer(Place prompt, Place end) {}

  private final String promptsTopic;
  private final boolean repeatsAllowed;
  private final boolean openAllowed;
  private final int mostExamples;

  private final Map<String, RequestHistory> unsettled = new HashMap<>();

  /** Of each prompt that is settled, its id and what it ended with; both as 64 bits of a hash. */
  private final Map<Long, Long> settled = new HashMap<>();

  private final Map<String, List<Answer>> conversations = new HashMap<>();
  private final Set<Place> letters = new HashSet<>();
  private final List<Place> unreadablePrompts = new ArrayList<>();

  private final Map<Status, Long> ends = new EnumMap<>(Status.class);
  private final Map<Rule, Long> violations = new EnumMap<>(Rule.class);
  private final List<Violation> examples = new ArrayList<>();
  private final MessageDigest digest = sha256();
  private long prompts;
  private long usages;
  private long tokens;
  private long deadLetters;
  private long repeats;
  private long open;

  /**
   * @param repeatsAllowed whether events may be repeated, as under at_least_once: those that say
   *     the same are no violation then
   * @param openAllowed whether prompts may be without an end, because they are still answered
   * @param mostExamples violations that are kept with their detail; all are counted
   */
  public InvariantChecker(
      String promptsTopic, boolean repeatsAllowed, boolean openAllowed, int mostExamples) {
    this.promptsTopic = promptsTopic;
    this.repeatsAllowed = repeatsAllowed;
    this.openAllowed = openAllowed;
    this.mostExamples = mostExamples;
  }

  /** A record of the prompts topic; null if it is no prompt. */
  public void prompt(Place place, @Nullable Prompt prompt) {
    prompts++;
    if (prompt == null) {
      unreadablePrompts.add(place);
      return;
    }
    var requestId = requestId(place, prompt);
    var history = history(requestId);
    history.prompts.add(place);
    history.conversation = prompt.getConversationId();
    settle(requestId, history);
  }

  /** A prompt without an id is given one by where it is. */
  private static String requestId(Place place, Prompt prompt) {
    var given = prompt.getRequestId();
    return given == null || given.isEmpty()
        ? "%s-%d-%d".formatted(place.topic(), place.partition(), place.offset())
        : new String(given.getBytes(UTF_8), UTF_8);
  }

  public void completion(Place place, Completion completion) {
    ends.merge(completion.getStatus(), 1L, Long::sum);
    var requestId = completion.getRequestId();
    if (isRepeat(requestId, completion)) {
      repeats++;
      return;
    }
    var history = history(requestId);
    history.ends.add(new RequestHistory.Ended(completion, place));
    settle(requestId, history);
  }

  /** Whether the same end was there before, where that may be. */
  private boolean isRepeat(String requestId, Completion completion) {
    if (!repeatsAllowed) {
      return false;
    }
    var history = unsettled.get(requestId);
    if (history == null) {
      var before = settled.get(hash(requestId));
      return before != null && before == outcome(completion);
    }
    return history.ends.stream()
        .anyMatch(ended -> outcome(ended.completion()) == outcome(completion));
  }

  public void usage(Usage usage) {
    usages++;
    var requestId = usage.getRequestId();
    var history = unsettled.get(requestId);
    if (repeatsAllowed
        && (history == null ? settled.containsKey(hash(requestId)) : !history.usages.isEmpty())) {
      repeats++;
      return;
    }
    history = history(requestId);
    history.usages.add(usage);
    settle(requestId, history);
  }

  public void token(Place place, Token token) {
    tokens++;
    var requestId = token.getRequestId();
    if (repeatsAllowed && !unsettled.containsKey(requestId) && isSettled(requestId)) {
      repeats++;
      return;
    }
    var history = history(requestId);
    switch (history.tokens.add(token)) {
      case TAKEN -> settle(requestId, history);
      case REPEATED -> {
        if (repeatsAllowed) {
          repeats++;
        } else {
          violated(
              Rule.TOKEN_INDEXES,
              requestId,
              place,
              "index %d of attempt %d was there before, or a later attempt had begun"
                  .formatted(token.getIndex(), token.getAttempt()));
        }
      }
      case AFTER_A_GAP -> {
        // Where events may be repeated, one that got lost is told again with all that followed it;
        // whether it was is seen at the end.
        if (!repeatsAllowed) {
          violated(
              Rule.TOKEN_INDEXES,
              requestId,
              place,
              "index %d of attempt %d follows on %d tokens"
                  .formatted(token.getIndex(), token.getAttempt(), history.tokens.size()));
        }
      }
    }
  }

  public void error(ErrorEvent error) {
    deadLetters++;
    var requestId = error.getRequestId();
    if (isLetterOfPrompt(error)) {
      letters.add(
          new Place(
              promptsTopic,
              Objects.requireNonNull(error.getPartition()),
              Objects.requireNonNull(error.getOffset())));
      if (requestId != null) {
        history(requestId).deadLetters++;
      }
    } else if (error.getStage() == Stage.GENERATE && requestId != null) {
      var history = history(requestId);
      history.failures++;
      settle(requestId, history);
    }
  }

  private boolean isLetterOfPrompt(ErrorEvent error) {
    return error.getStage() != Stage.GENERATE
        && promptsTopic.equals(error.getTopic())
        && error.getPartition() != null
        && error.getOffset() != null;
  }

  /** An event that could not be read. */
  public void unreadable(Place place, String reason) {
    violated(Rule.READABLE, null, place, reason);
  }

  /** Checks what is left, and tells what was found. To be called once, at the end. */
  public VerifyReport finish() {
    unsettled.forEach(this::judge);
    for (var place : unreadablePrompts) {
      if (!letters.contains(place)) {
        violated(Rule.LETTER_FOR_UNREADABLE, null, place, "neither a prompt nor a dead letter");
      }
    }
    conversations.forEach(this::judgeOrder);
    return new VerifyReport(
        prompts, ends, usages, tokens, deadLetters, open, repeats, violations, examples);
  }

  private RequestHistory history(String requestId) {
    return unsettled.computeIfAbsent(requestId, absent -> new RequestHistory());
  }

  private boolean isSettled(String requestId) {
    return settled.containsKey(hash(requestId));
  }

  /** Checks a prompt all of whose events are there, and forgets it. */
  private void settle(String requestId, RequestHistory history) {
    if (!history.isWhole()) {
      return;
    }
    var ended = history.ends.getFirst();
    if (ended.completion().getStatus() == Status.REJECTED
        || (ended.completion().getStatus() == Status.FAILED && history.failures == 0)) {
      return;
    }
    judgeEnd(requestId, history, ended);
    unsettled.remove(requestId);
    settled.put(hash(requestId), outcome(ended.completion()));
  }

  /** What is left of a prompt at the end. */
  private void judge(String requestId, RequestHistory history) {
    long accepted = history.prompts.stream().filter(place -> !letters.contains(place)).count();
    long rejected =
        history.ends.stream()
            .filter(ended -> ended.completion().getStatus() == Status.REJECTED)
            .count();
    long answered = history.ends.size() - rejected;
    if (answered < accepted) {
      open += accepted - answered;
      if (!openAllowed) {
        violated(
            Rule.NOT_LOST,
            requestId,
            history.prompts.getLast(),
            "%d accepted, %d ended".formatted(accepted, answered));
      }
    } else if (answered > accepted) {
      violated(
          Rule.ENDS_ONCE,
          requestId,
          history.ends.getLast().place(),
          "%d accepted%s, %d ended"
              .formatted(accepted, isSettled(requestId) ? " and settled before" : "", answered));
    }
    if (rejected > history.deadLetters) {
      violated(
          Rule.REJECTION_HAS_LETTER, requestId, history.ends.getFirst().place(), "no dead letter");
    }
    if (history.usages.size() != history.ends.size()) {
      violated(
          Rule.USAGE,
          requestId,
          null,
          "%d terminal events, %d usage records"
              .formatted(history.ends.size(), history.usages.size()));
    }
    if (history.prompts.isEmpty() && history.tokens.size() > 0 && !repeatsAllowed) {
      violated(Rule.TOKEN_INDEXES, requestId, null, "tokens of no prompt, or after its end");
    }
    if (history.tokens.hasGap() && repeatsAllowed) {
      violated(
          Rule.TOKEN_INDEXES,
          requestId,
          null,
          "tokens were told behind index %d, which was not".formatted(history.tokens.size()));
    }
    if (history.ends.size() == 1 && rejected == 0) {
      judgeEnd(requestId, history, history.ends.getFirst());
    }
  }

  private void judgeEnd(String requestId, RequestHistory history, RequestHistory.Ended ended) {
    var completion = ended.completion();
    int count = completion.getCompletionTokens();
    if (completion.getStatus() == Status.FAILED && history.failures == 0) {
      violated(Rule.FAILURE_HAS_LETTER, requestId, ended.place(), "no dead letter");
    }
    if (history.tokens.size() < count) {
      violated(
          Rule.TOKEN_INDEXES,
          requestId,
          ended.place(),
          "%d tokens, of which %d were told".formatted(count, history.tokens.size()));
    } else if (!isBare(completion) && !history.tokens.text(count).equals(completion.getText())) {
      violated(Rule.TEXT, requestId, ended.place(), "the tokens say otherwise");
    }
    history.usages.forEach(usage -> judgeUsage(ended, usage));
    if (history.conversation != null
        && completion.getStatus() == Status.COMPLETED
        && history.prompts.size() == 1) {
      conversations
          .computeIfAbsent(history.conversation, absent -> new ArrayList<>())
          .add(new Answer(history.prompts.getFirst(), ended.place()));
    }
  }

  /** Whether the text was left out because the record would have been too large. */
  private static boolean isBare(Completion completion) {
    return "completion_too_large".equals(completion.getErrorCode());
  }

  /** Where events may be repeated, an end may be told by one attempt and its usage by the next. */
  private void judgeUsage(RequestHistory.Ended ended, Usage usage) {
    var completion = ended.completion();
    boolean isOfAttempt = usage.getAttempt() == completion.getAttempt();
    if (usage.getStatus() != completion.getStatus()
        || !(isOfAttempt || repeatsAllowed)
        || usage.getPromptTokens() != completion.getPromptTokens()
        || usage.getCompletionTokens() != completion.getCompletionTokens()) {
      violated(
          Rule.USAGE,
          completion.getRequestId(),
          ended.place(),
          "%s, attempt %d, %d and %d tokens; in the usage record %s, %d, %d and %d"
              .formatted(
                  completion.getStatus(),
                  completion.getAttempt(),
                  completion.getPromptTokens(),
                  completion.getCompletionTokens(),
                  usage.getStatus(),
                  usage.getAttempt(),
                  usage.getPromptTokens(),
                  usage.getCompletionTokens()));
    }
  }

  /** Prompts of a conversation under several keys may be in several partitions: no order there. */
  private void judgeOrder(String conversation, List<Answer> answers) {
    answers.sort(Comparator.comparingLong(answer -> answer.end().offset()));
    Map<Integer, Place> last = new HashMap<>();
    for (var answer : answers) {
      var before = last.put(answer.prompt().partition(), answer.prompt());
      if (before != null && before.offset() > answer.prompt().offset()) {
        violated(
            Rule.CONVERSATION_ORDER,
            null,
            answer.end(),
            "conversation %s: the prompt at %s was answered before that at %s"
                .formatted(conversation, before, answer.prompt()));
      }
    }
  }

  private void violated(
      Rule rule, @Nullable String requestId, @Nullable Place place, String detail) {
    violations.merge(rule, 1L, Long::sum);
    if (examples.size() < mostExamples) {
      examples.add(new Violation(rule, requestId, place, detail));
    }
  }

  private long outcome(Completion completion) {
    return hash(completion.getStatus() + " " + completion.getText());
  }

  private long hash(String text) {
    return ByteBuffer.wrap(digest.digest(text.getBytes(UTF_8))).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException(exception);
    }
  }
}
