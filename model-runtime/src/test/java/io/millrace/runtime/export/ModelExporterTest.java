package io.millrace.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.NamedShape;
import io.millrace.runtime.export.checkpoint.RandomCheckpoint;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelExporterTest {

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void exportsTheSameBytesEveryTime(Precision precision) throws IOException {
    export("first", precision, ModelExporter.LARGEST_SINGLE_FILE_BYTES);
    export("second", precision, ModelExporter.LARGEST_SINGLE_FILE_BYTES);

    assertThat(ModelDirectory.load(directory.resolve("first")).hash())
        .isEqualTo(ModelDirectory.load(directory.resolve("second")).hash());
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*16")
  void aWeightFileChangesNoLogit(Precision precision) throws IOException {
    export("single", precision, ModelExporter.LARGEST_SINGLE_FILE_BYTES);
    ExportReport split = export("split", precision, 0);

    assertThat(directory.resolve("single/model.onnx.data")).doesNotExist();
    assertThat(split.bytes())
        .isEqualTo(
            Files.size(directory.resolve("split/model.onnx"))
                + Files.size(directory.resolve("split/model.onnx.data")));
    assertThat(logits("split")).isEqualTo(logits("single"));
  }

  @Test
  void aTiedTableIsStoredOnce() throws IOException {
    ExportReport report = export("int8", Precision.INT8, Long.MAX_VALUE);

    long rotations = 2L * 2048 * 8 * Float.BYTES;
    long tableBytes = 512 * 64;
    assertThat(report.bytes() - rotations)
        .isBetween(report.parameters(), report.parameters() + tableBytes);
  }

  @Test
  void replacesAnEarlierExportOfAnotherSize() throws IOException {
    export("model", Precision.FP32, 0);
    Files.writeString(directory.resolve("model/chat_template.jinja"), "of another model");
    export("model", Precision.INT8, Long.MAX_VALUE);

    assertThat(directory.resolve("model/model.onnx.data")).doesNotExist();
    assertThat(directory.resolve("model/chat_template.jinja")).doesNotExist();
  }

  @Test
  void tellsOfEveryLayer() throws IOException {
    List<String> heard = new ArrayList<>();
    try (Checkpoint checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(
          checkpoint,
          new ExportRequest(directory, Precision.INT4),
          (done, total) -> heard.add(done + "/" + total));
    }

    assertThat(heard).containsExactly("1/2", "2/2");
  }

  @Test
  void shortensTheContextOnRequestButNeverStretchesIt() throws IOException {
    try (Checkpoint checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      ModelExporter.export(
          checkpoint,
          new ExportRequest(directory, Precision.INT8, OptionalInt.of(100)),
          ExportListener.SILENT);

      assertThat(ModelDirectory.load(directory).config().contextLength()).isEqualTo(100);
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(
              () ->
                  ModelExporter.export(
                      checkpoint,
                      new ExportRequest(directory, Precision.INT8, OptionalInt.of(4096)),
                      ExportListener.SILENT))
          .withMessage("context length 4096 is not between 1 and the model's 2048");
    }
  }

  @Test
  void describesTheModelForOnnxRuntimeGenai() throws IOException {
    export("model", Precision.INT8, Long.MAX_VALUE);

    assertThat(directory.resolve("model/genai_config.json"))
        .content()
        .isEqualToIgnoringWhitespace(
            """
            {
              "model": {
                "context_length": 2048,
                "decoder": {
                  "session_options": {
                    "provider_options": []
                  },
                  "filename": "model.onnx",
                  "head_size": 16,
                  "hidden_size": 64,
                  "inputs": {
                    "input_ids": "input_ids",
                    "attention_mask": "attention_mask",
                    "past_key_names": "past_key_values.%d.key",
                    "past_value_names": "past_key_values.%d.value"
                  },
                  "outputs": {
                    "logits": "logits",
                    "present_key_names": "present.%d.key",
                    "present_value_names": "present.%d.value"
                  },
                  "num_attention_heads": 4,
                  "num_hidden_layers": 2,
                  "num_key_value_heads": 2
                },
                "eos_token_id": 2,
                "pad_token_id": 0,
                "type": "llama",
                "vocab_size": 512
              },
              "search": {
                "max_length": 2048,
                "past_present_share_buffer": true
              }
            }
            """);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP16", "BF16"})
  void describesPositionsInPlaceOfAMask(Precision precision) throws IOException {
    export("model", precision, Long.MAX_VALUE);

    assertThat(directory.resolve("model/genai_config.json"))
        .content()
        .contains("\"position_ids\" : \"position_ids\"")
        .doesNotContain("attention_mask");
  }

  private ExportReport export(String name, Precision precision, long largestSingleFileBytes)
      throws IOException {
    try (Checkpoint checkpoint = new RandomCheckpoint(NamedShape.TINY.config(), 1)) {
      return ModelExporter.export(
          checkpoint,
          new ExportRequest(directory.resolve(name), precision),
          ExportListener.SILENT,
          largestSingleFileBytes);
    }
  }

  private float[] logits(String name) {
    float[] logits = new float[512];
    try (OnnxDecoder decoder =
        OnnxDecoder.open(
            ModelDirectory.load(directory.resolve(name)),
            new SessionSettings(1, 16, 8, 1, false))) {
      decoder.prefill(0, new int[] {65, 300, 7}, 0, 3);
      decoder.readLogits(0, logits);
    }
    return logits;
  }
}
