package io.millrace.schemas.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.events.Prompt;
import io.millrace.events.Task;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import io.millrace.schemas.serde.Events;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptJsonDeserializerTest {

  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

  private final Deserializer<Prompt> deserializer = new PromptJsonDeserializer();

  @Test
  void anOpenAiChatRequestIsAPrompt() {
    var prompt =
        read(
            """
            {"model": "support", "user": "acme", "stream": true,
             "messages": [
               {"role": "system", "content": "Be brief."},
               {"role": "user", "name": "zoe", "content": [
                 {"type": "text", "text": "Where is"}, {"type": "text", "text": "my order?"}]}],
             "temperature": 1, "top_p": 0.9, "seed": 42, "stop": "\\n", "max_tokens": 64,
             "presence_penalty": 0.5, "frequency_penalty": -0.5, "logprobs": true,
             "response_format": {"type": "json_object"}, "n": 1, "tools": [],
             "metadata": {"order": "10442"}}
            """);
    assertThat(prompt.getRequestId()).isEmpty();
    assertThat(prompt.getTask()).isEqualTo(Task.CHAT);
    assertThat(prompt.getModel()).isEqualTo("support");
    assertThat(prompt.getTenant()).isEqualTo("acme");
    assertThat(prompt.getMessages().get(0).getContent()).isEqualTo("Be brief.");
    assertThat(prompt.getMessages().get(1).getContent()).isEqualTo("Where is\nmy order?");
    assertThat(prompt.getMessages().get(1).getName()).isEqualTo("zoe");
    var sampling = prompt.getSampling();
    assertThat(sampling.getTemperature()).isEqualTo(1.0);
    assertThat(sampling.getTopP()).isEqualTo(0.9);
    assertThat(sampling.getSeed()).isEqualTo(42);
    assertThat(sampling.getStop()).containsExactly("\n");
    assertThat(sampling.getMaxCompletionTokens()).isEqualTo(64);
    assertThat(sampling.getPresencePenalty()).isEqualTo(0.5);
    assertThat(sampling.getFrequencyPenalty()).isEqualTo(-0.5);
    assertThat(sampling.getLogprobs()).isTrue();
    assertThat(prompt.getResponseFormat()).isEqualTo("{\"type\":\"json_object\"}");
    assertThat(prompt.getMetadata()).containsEntry("order", "10442");
  }

  @Test
  void vllmsExtraFieldsAreRead() {
    var prompt =
        read(
            """
            {"request_id": "r-7", "priority": -2, "top_k": 40, "min_p": 0.1,
             "repetition_penalty": 1.1, "stop": ["a", "b"], "max_completion_tokens": 5,
             "stop_token_ids": [3, 4], "ignore_eos": true, "min_tokens": 2,
             "logit_bias": {"7": -1.5}, "logprobs": true, "top_logprobs": 4,
             "max_tokens": 9, "cache_salt": "pepper", %s}
            """
                .formatted(MESSAGES));
    assertThat(prompt.getRequestId()).isEqualTo("r-7");
    assertThat(prompt.getPriority()).isEqualTo(-2);
    assertThat(prompt.getCacheSalt()).isEqualTo("pepper");
    assertThat(prompt.getSampling().getTopK()).isEqualTo(40);
    assertThat(prompt.getSampling().getMinP()).isEqualTo(0.1);
    assertThat(prompt.getSampling().getRepetitionPenalty()).isEqualTo(1.1);
    assertThat(prompt.getSampling().getStop()).containsExactly("a", "b");
    assertThat(prompt.getSampling().getMaxCompletionTokens()).isEqualTo(5);
    assertThat(prompt.getSampling().getStopTokenIds()).containsExactly(3, 4);
    assertThat(prompt.getSampling().getIgnoreEos()).isTrue();
    assertThat(prompt.getSampling().getMinTokens()).isEqualTo(2);
    assertThat(prompt.getSampling().getLogitBias()).containsExactly(Map.entry("7", -1.5));
    assertThat(prompt.getSampling().getTopLogprobs()).isEqualTo(4);
  }

  @Test
  void aLegacyNumberOfLogprobsAsksForAsManyOfTheLikeliest() {
    var sampling = read("{\"prompt\": \"Once upon\", \"logprobs\": 3}").getSampling();
    assertThat(sampling.getLogprobs()).isTrue();
    assertThat(sampling.getTopLogprobs()).isEqualTo(3);
  }

  @Test
  void aLegacyCompletionsRequestIsAPromptToComplete() {
    var prompt = read("{\"prompt\": \"Once upon\", \"logprobs\": 0, \"max_tokens\": 3}");
    assertThat(prompt.getTask()).isEqualTo(Task.COMPLETE);
    assertThat(prompt.getText()).isEqualTo("Once upon");
    assertThat(prompt.getMessages()).isNull();
    assertThat(prompt.getSampling().getLogprobs()).isTrue();
  }

  @Test
  void anEventWrittenAsJsonIsAPromptToo() {
    var bytes = new JsonEventSerde<>(Prompt.class).serializer().serialize("t", Events.prompt());
    assertThat(deserializer.deserialize("t", bytes)).isEqualTo(Events.prompt());
  }

  @Test
  void aDeadlineMayBeIso8601() {
    assertThat(read("{\"deadline\": \"2026-01-31T13:00:00+01:00\"}").getDeadline())
        .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
  }

  /** Jackson reads and writes such a name, and does not read it again. Found by FuzzIT. */
  @Test
  void aNameOfBytesThatAreNoUtf8CanBeReadAgainInAnEvent() {
    var bytes = "{\"metadata\": {\"o\u00f5\u0080\u0080\u0080\": \"17\"}}".getBytes(ISO_8859_1);
    var prompt = deserializer.deserialize("t", bytes);
    assertThat(prompt.getMetadata()).containsExactly(Map.entry("o??", "17"));
    try (var serde = new JsonEventSerde<>(Prompt.class)) {
      var written = serde.serializer().serialize("t", prompt);
      assertThat(serde.deserializer().deserialize("t", written)).isEqualTo(prompt);
    }
  }

  @Test
  void halfASurrogatePairIsReplaced() {
    var prompt = read("{\"text\": \"a\\ud800b\", \"metadata\": {\"c\": \"\\udc00\"}}");
    assertThat(prompt.getText()).isEqualTo("a?b");
    assertThat(prompt.getMetadata()).containsEntry("c", "?");
    assertThat(read("{\"text\": \"👩\"}").getText()).isEqualTo("👩");
  }

  @Test
  void withoutParametersThereIsNoSampling() {
    assertThat(read("{" + MESSAGES + ", \"temperature\": null}").getSampling()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"temperature\": \"hot\"} | temperature has to be a number",
        "{\"temperature\": \"NaN\"} | temperature has to be a number",
        "{\"sampling\": {\"top_k\": 1.5}} | sampling.top_k has to be a whole number",
        "{\"sampling\": 3} | sampling has to be an object",
        "{\"seed\": 99999999999999999999} | seed has to be a whole number of 64 bits",
        "{\"max_tokens\": 4294967296} | max_tokens has to be a whole number of 32 bits",
        "{\"stop\": [\"a\", 1]} | stop[1] has to be a string",
        "{\"logit_bias\": {\"7\": \"much\"}} | logit_bias.7 has to be a number",
        "{\"stop_token_ids\": [0.5]} | stop_token_ids[0] has to be a whole number",
        "{\"messages\": {}} | messages has to be an array",
        "{\"messages\": [{\"content\": \"x\"}]} | messages[0].role is missing",
        "{\"messages\": [{\"role\": \"user\", \"content\": 7}]} | messages[0].content has to be",
        "{\"messages\": [\"x\"]} | messages[0] has to be an object",
        "{\"metadata\": {\"a\": 1}} | metadata.a has to be a string",
        "{\"request_id\": 5} | request_id has to be a string",
        "{\"task\": \"sing\"} | task has to be chat",
        "{\"deadline\": \"soon\"} | deadline has to be a time",
        "{\"deadline\": \"+999999999-12-31T23:59:59Z\"} | deadline has to be a time",
        "{\"priority\": \"high\"} | priority has to be a whole number"
      })
  void aWrongTypeIsReportedWithItsField(String body, String message) {
    assertRefused(body, Reason.INVALID_FIELD, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"n\": 2} | n is not supported",
        "{\"best_of\": 3} | best_of is not supported",
        "{\"tools\": [{\"type\": \"function\"}]} | tools is not supported",
        "{\"functions\": [{}]} | functions is not supported",
        "{\"echo\": true} | echo is not supported",
        "{\"suffix\": \".\"} | suffix is not supported",
        "{\"prompt\": [\"a\", \"b\"]} | prompt has to hold one prompt",
        "{\"prompt\": []} | prompt has to hold one prompt",
        "{\"prompt\": [1, 2]} | prompt holds token ids",
        "{\"messages\": [{\"role\": \"assistant\", \"tool_calls\": [{}]}]} |"
            + " messages[0].tool_calls",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}"
            + "| messages[0].content[0].type has to be text"
      })
  void whatIsKnownButNotOfferedIsRefused(String body, String message) {
    assertRefused(body, Reason.UNSUPPORTED, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\": | The record is not valid JSON at line 1",
        "{} {} | The record is not valid JSON",
        "{\"a\": 1, \"a\": 2} | The record is not valid JSON",
        "[] | The record is JSON, but not an object",
        "secret | The record is not valid JSON at line 1"
      })
  void whatIsNoJsonObjectIsRefused(String body, String message) {
    assertRefused(body, Reason.MALFORMED, message);
  }

  @Test
  void theMessageDoesNotQuoteTheRecord() {
    assertThatThrownBy(() -> read("{\"messages\": secret}"))
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    assertThatThrownBy(() -> deserializer.deserialize("t", new byte[] {0, 0, '{', 0}))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED));
  }

  @Test
  void aRefusalKnowsTheRequestId() {
    assertThatThrownBy(() -> read("{\"request_id\": \"r-9\", \"n\": 2}"))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            refusal -> assertThat(refusal.requestId()).contains("r-9"));
  }

  @Test
  void nullStaysNullAndNothingIsEmpty() {
    assertThat(deserializer.deserialize("t", null)).isNull();
    assertRefused("", Reason.EMPTY, "The record is empty");
  }

  private Prompt read(String body) {
    return deserializer.deserialize("t", body.getBytes(UTF_8));
  }

  private void assertRefused(String body, Reason reason, String message) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            UndecodableRecordException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }
}
