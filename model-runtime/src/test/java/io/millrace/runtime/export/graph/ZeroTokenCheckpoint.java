package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.checkpoint.SpecialTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A checkpoint whose embedding of one token is zero. */
record ZeroTokenCheckpoint(Checkpoint original, int token) implements Checkpoint {

  @Override
  public LlamaConfig config() {
    return original.config();
  }

  @Override
  public SpecialTokens specialTokens() {
    return original.specialTokens();
  }

  @Override
  public Matrix matrix(String name, int rows, int columns) {
    Matrix matrix = original.matrix(name, rows, columns);
    return name.equals("model.embed_tokens.weight") ? new ZeroRow(matrix, token) : matrix;
  }

  @Override
  public float[] vector(String name, int length) {
    return original.vector(name, length);
  }

  @Override
  public void writeTokenizer(Path directory) throws IOException {
    original.writeTokenizer(directory);
  }

  @Override
  public void close() {
    original.close();
  }

  private record ZeroRow(Matrix original, int zeroRow) implements Matrix {

    @Override
    public int rows() {
      return original.rows();
    }

    @Override
    public int columns() {
      return original.columns();
    }

    @Override
    public void readRow(int row, float[] target) {
      if (row == zeroRow) {
        Arrays.fill(target, 0, columns(), 0);
      } else {
        original.readRow(row, target);
      }
    }
  }
}
