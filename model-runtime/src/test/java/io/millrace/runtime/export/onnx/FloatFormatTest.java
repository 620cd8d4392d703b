package io.millrace.runtime.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatFormatTest {

  @ParameterizedTest
  @CsvSource({
    "1, 3C00",
    "-2, C000",
    "1.00048828125, 3C00",
    "1.00146484375, 3C02",
    "65504, 7BFF",
    "5.9604645e-8, 0001",
    "0, 0000"
  })
  void fp16RoundsToTheNearestThenToEven(float value, String bits) {
    assertThat(bits(FloatFormat.FLOAT16, value)).isEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3F80",
    "-2, C000",
    "1.00390625, 3F80",
    "1.01171875, 3F82",
    "1.0039063692092896, 3F81",
    "3.4028235e38, 7F80",
    "Infinity, 7F80",
    "-0.0, 8000"
  })
  void bf16RoundsToTheNearestThenToEven(float value, String bits) {
    assertThat(bits(FloatFormat.BFLOAT16, value)).isEqualTo(bits);
  }

  @Test
  void noNumberStaysNone() {
    assertThat(bits(FloatFormat.BFLOAT16, Float.intBitsToFloat(0x7F800001))).isEqualTo("7FC0");
  }

  private static String bits(FloatFormat format, float value) {
    ByteBuffer buffer = ByteBuffer.allocate(Short.BYTES);
    format.put(buffer, value);
    return "%04X".formatted(buffer.getShort(0));
  }
}
