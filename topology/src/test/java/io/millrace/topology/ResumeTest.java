package io.millrace.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.events.Completion;
import io.millrace.events.Status;
import io.millrace.events.Token;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a new owner does with a generation that was interrupted. */
class ResumeTest {

  private static final String WORDS = "abcdefghijklmnopqrstuvwxyz";

  private final Rig rig = new Rig("inflight.checkpoint-tokens: 4");

  @AfterEach
  void close() {
    rig.close();
  }

  /** Lets the engine generate letters of the alphabet. */
  private static void generate(Rig rig, int from, int to) {
    WORDS
        .substring(from, to)
        .chars()
        .forEach(letter -> rig.engine.channel().token("a", Character.toString(letter)));
    rig.tick();
  }

  private static void begin(Rig rig) {
    rig.send(Rig.chat("a", "hello"));
    rig.flush();
  }

  /** A new owner finds a checkpoint of eight tokens, which have all been told. */
  private void interruptAfterEight() {
    begin(rig);
    generate(rig, 0, 8);
    rig.tokens();
    rig.restart();
    rig.tick();
  }

  private static int[] draft(Rig rig) {
    return rig.engine.channel().request("a").draft();
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> WORDS.substring(i, i + 1).hashCode()).toArray();
  }

  @Test
  void itGoesOnFromTheLastCheckpoint() {
    begin(rig);
    assertThat(draft(rig)).isEmpty();
    generate(rig, 0, 10);
    rig.tokens();

    rig.restart();
    rig.tick();
    assertThat(draft(rig)).isEqualTo(tokens(8));
    generate(rig, 0, 12);
    rig.engine.channel().complete("a");
    rig.tick();

    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(tuple(2, 8, "i"), tuple(2, 9, "j"), tuple(2, 10, "k"), tuple(2, 11, "l"));
    assertThat(rig.completions())
        .extracting(Completion::getText, Completion::getCompletionTokens, Completion::getAttempt)
        .containsExactly(tuple("abcdefghijkl", 12, 2));
  }

  @Test
  void checkpointsGoOnFromTheOneThatWasFound() {
    begin(rig);
    generate(rig, 0, 4);
    rig.restart();
    rig.tick();
    generate(rig, 0, 7);
    rig.restart();
    rig.tick();
    assertThat(draft(rig)).isEqualTo(tokens(4));
    generate(rig, 0, 8);
    rig.restart();
    rig.tick();
    assertThat(draft(rig)).isEqualTo(tokens(8));
  }

  @Test
  void anAttemptThatGoesAnotherWayTellsAllItsTokens() {
    interruptAfterEight();
    generate(rig, 0, 2);
    assertThat(rig.tokens()).isEmpty();

    generate(rig, 12, 14);

    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(tuple(2, 0, "a"), tuple(2, 1, "b"), tuple(2, 2, "m"), tuple(2, 3, "n"));
    rig.restart();
    rig.tick();
    assertThat(draft(rig)).hasSize(3).startsWith(tokens(2));
  }

  @Test
  void aPromptThatEndsWhileItCatchesUpEndsWithWhatItHas() {
    interruptAfterEight();
    generate(rig, 0, 3);
    rig.cancel("a");
    rig.tick();
    assertThat(rig.completions())
        .extracting(Completion::getStatus, Completion::getText, Completion::getCompletionTokens)
        .containsExactly(tuple(Status.CANCELLED, "abc", 3));
    assertThat(rig.progress.size()).isZero();
  }

  @Test
  void whatWasCutOffWhileItCatchesUpTakesBackWhatFollowed() {
    interruptAfterEight();
    generate(rig, 0, 2);
    rig.engine.channel().cutOffToken("a", "c", "\ufffd");
    rig.cancel("a");
    rig.tick();
    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(tuple(2, 2, "c\ufffd"));
    assertThat(rig.completions())
        .extracting(Completion::getText, Completion::getCompletionTokens)
        .containsExactly(tuple("abc\ufffd", 3));
    assertThat(rig.progress.size()).isZero();
  }

  @Test
  void whatWasCutOffIsNotInTheCheckpoint() {
    interruptAfterEight();
    generate(rig, 0, 2);
    rig.engine.channel().cutOffToken("a", "c", "\ufffd");
    rig.tick();
    rig.restart();
    rig.tick();
    assertThat(draft(rig)).isEqualTo(tokens(2));
    rig.tokens();
    generate(rig, 0, 3);
    assertThat(rig.tokens())
        .extracting(Token::getAttempt, Token::getIndex, Token::getText)
        .containsExactly(tuple(3, 2, "c"));
  }

  @Test
  void nothingCertainLeavesNoCheckpoint() {
    interruptAfterEight();
    rig.engine.channel().cutOffToken("a", "a", "\ufffd");
    rig.tick();
    assertThat(rig.progress.size()).isZero();
  }

  @Test
  void checkpointsGoWithTheirPrompt() {
    begin(rig);
    generate(rig, 0, 3);
    assertThat(rig.progress.size()).isZero();
    generate(rig, 3, 9);
    assertThat(rig.progress.size()).isOne();
    rig.engine.channel().complete("a");
    rig.tick();
    assertThat(rig.progress.size()).isZero();
    assertThat(rig.inflight.size()).isZero();
  }

  @Test
  void withoutCheckpointsItBeginsAnew() {
    try (var plain = new Rig("inflight.checkpoint-tokens: 0")) {
      begin(plain);
      generate(plain, 0, 20);
      plain.tokens();
      plain.restart();
      plain.tick();
      assertThat(draft(plain)).isEmpty();
      generate(plain, 0, 2);
      assertThat(plain.tokens())
          .extracting(Token::getAttempt, Token::getIndex)
          .containsExactly(tuple(2, 0), tuple(2, 1));
    }
  }

  @Test
  void whereEventsMayBeLostAllAreToldAgain() {
    try (var atLeastOnce =
        new Rig("inflight.checkpoint-tokens: 4", "kafka.processing.guarantee: at_least_once")) {
      begin(atLeastOnce);
      generate(atLeastOnce, 0, 6);
      atLeastOnce.tokens();
      atLeastOnce.restart();
      atLeastOnce.tick();
      assertThat(draft(atLeastOnce)).isEqualTo(tokens(4));
      generate(atLeastOnce, 0, 2);
      assertThat(atLeastOnce.tokens()).extracting(Token::getIndex).isEqualTo(List.of(0, 1));
    }
  }

  @Test
  void aGenerationTooLongForTheChangelogHasNoFurtherCheckpoints() {
    try (var small =
        new Rig(
            "inflight.checkpoint-tokens: 4",
            "limits.prompt-bytes: 2KiB",
            "limits.key-and-header-bytes: 1KiB",
            "limits.error-value-bytes: 1KiB",
            "kafka.producer.max.request.size: 8192")) {
      begin(small);
      for (int i = 0; i < 45; i++) {
        generate(small, 0, 20);
      }
      small.restart();
      small.tick();
      // An int takes up to 5 bytes, and 4 KiB are kept for what else is in the record.
      assertThat(draft(small)).hasSize(816);
    }
  }
}
