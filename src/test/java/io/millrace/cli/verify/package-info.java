@NullMarked
package io.millrace.cli.verify;

import org.jspecify.annotations.NullMarked;
