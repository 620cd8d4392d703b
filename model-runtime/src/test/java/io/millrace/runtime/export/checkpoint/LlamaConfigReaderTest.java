package io.millrace.runtime.export.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.runtime.export.checkpoint.RotaryEmbedding.Scaling;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LlamaConfigReaderTest {

  private static final ObjectNode NO_GENERATION_CONFIG = new ObjectMapper().createObjectNode();

  @Test
  void readsTheShape() {
    LlamaConfig config = read(_ -> {});

    assertThat(config)
        .isEqualTo(
            new LlamaConfig(
                Architecture.LLAMA,
                8,
                12,
                1,
                2,
                1,
                4,
                20,
                64,
                1e-5f,
                new RotaryEmbedding(10_000, new Scaling.None()),
                true,
                false,
                false));
    assertThat(config.parameters()).isEqualTo(8 * (8 + 8 + 4 + 4) + 3 * 8 * 12 + 20 * 8);
  }

  @Test
  void takesAHeadSizeThatIsNotTheHiddenSizeOverTheHeads() {
    assertThat(read(config -> config.put("head_dim", 16)).querySize()).isEqualTo(32);
  }

  @Test
  void givesQwenABiasOnItsInputsOnly() {
    LlamaConfig config =
        read(node -> node.putArray("architectures").removeAll().add("Qwen2ForCausalLM"));

    assertThat(config.architecture()).isEqualTo(Architecture.QWEN2);
    assertThat(config.inputBias()).isTrue();
    assertThat(config.outputBias()).isFalse();
  }

  @Test
  void takesMistralWithoutASlidingWindow() {
    LlamaConfig config =
        read(
            node ->
                node.putNull("sliding_window").putArray("architectures").add("MistralForCausalLM"));

    assertThat(config.architecture()).isEqualTo(Architecture.MISTRAL);
    assertThat(config.inputBias()).isFalse();
  }

  @Test
  void givesLlamaABiasOnBothSidesWhereItHasOne() {
    LlamaConfig config = read(node -> node.put("attention_bias", true));

    assertThat(config.inputBias()).isTrue();
    assertThat(config.outputBias()).isTrue();
  }

  @Test
  void readsScaledRotationsInTheOldAndTheNewPlace() {
    Scaling llama3 = new Scaling.Llama3(32, 1, 4, 8192);
    LlamaConfig old =
        read(config -> putLlama3(config.put("rope_theta", 500_000.0).putObject("rope_scaling")));
    LlamaConfig current =
        read(
            config -> {
              config.remove("rope_theta");
              putLlama3(config.putObject("rope_parameters").put("rope_theta", 500_000.0));
            });

    assertThat(old.rotaryEmbedding()).isEqualTo(new RotaryEmbedding(500_000, llama3));
    assertThat(current.rotaryEmbedding()).isEqualTo(old.rotaryEmbedding());
  }

  @Test
  void refusesWhatItWouldGetWrong() {
    assertRefused(
        "unsupported architecture 'GemmaForCausalLM'",
        config -> config.putArray("architectures").add("GemmaForCausalLM"));
    assertRefused(
        "sliding_window is 4096",
        config ->
            config.put("sliding_window", 4096).putArray("architectures").add("MistralForCausalLM"));
    assertRefused("unsupported hidden_act 'gelu'", config -> config.put("hidden_act", "gelu"));
    assertRefused("mlp_bias", config -> config.put("mlp_bias", true));
    assertRefused("use_sliding_window", config -> config.put("use_sliding_window", true));
    assertRefused("already quantized", config -> config.putObject("quantization_config"));
    assertRefused("partial_rotary_factor", config -> config.put("partial_rotary_factor", 0.5));
    assertRefused(
        "unsupported rope scaling 'yarn'",
        config -> config.putObject("rope_scaling").put("rope_type", "yarn"));
    assertRefused(
        "number for factor", config -> config.putObject("rope_scaling").put("rope_type", "linear"));
    assertRefused("positive whole number for hidden_size", config -> config.remove("hidden_size"));
    assertRefused("positive whole number for vocab_size", config -> config.put("vocab_size", 0));
    assertRefused("number for rms_norm_eps", config -> config.put("rms_norm_eps", "small"));
    assertRefused(
        "do not divide evenly",
        config -> config.put("num_attention_heads", 3).put("num_key_value_heads", 2));
  }

  @Test
  void prefersTheSpecialTokensOfTheGenerationConfig() {
    ObjectNode generation = new ObjectMapper().createObjectNode();
    generation.putArray("eos_token_id").add(5).add(6);
    LlamaConfigReader reader =
        new LlamaConfigReader(CheckpointFiles.config().put("bos_token_id", 1));

    SpecialTokens tokens = reader.specialTokens(generation);

    assertThat(tokens.endOfSequence()).containsExactly(5, 6);
    assertThat(tokens.beginningOfSequence()).isEqualTo(OptionalInt.of(1));
    assertThat(tokens.padding()).isEqualTo(5);
    assertThat(reader.specialTokens(NO_GENERATION_CONFIG).endOfSequence()).containsExactly(2);
  }

  @Test
  void refusesAModelThatNeverEnds() {
    ObjectNode config = CheckpointFiles.config();
    config.remove("eos_token_id");

    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> new LlamaConfigReader(config).specialTokens(NO_GENERATION_CONFIG))
        .withMessageContaining("has an eos_token_id");
  }

  private static void putLlama3(ObjectNode scaling) {
    scaling.put("rope_type", "llama3").put("factor", 32.0).put("low_freq_factor", 1.0);
    scaling.put("high_freq_factor", 4.0).put("original_max_position_embeddings", 8192);
  }

  private static LlamaConfig read(Consumer<ObjectNode> change) {
    ObjectNode config = CheckpointFiles.config();
    change.accept(config);
    return new LlamaConfigReader(config).read();
  }

  private static void assertRefused(String reason, Consumer<ObjectNode> change) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read(change))
        .withMessageContaining(reason);
  }
}
