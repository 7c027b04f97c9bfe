import { doneOf, doneText, outputsOf, outputText } from '../../web/app/lib/phase-lines.ts';
import { boardPhases } from '#workflows/domain/tasks/board-phases.ts';

test('what a phase asks for is written in lines and read from them again', () => {
  for (const { done_definitions, expected_outputs } of boardPhases) {
    expect(doneOf(doneText(done_definitions))).toEqual(done_definitions);
    expect(outputsOf(outputText(expected_outputs))).toEqual(expected_outputs);
  }
  expect(outputsOf(' code at src/** | has_tests\n\n[optional]  notes ')).toEqual([
    { type: 'code', pattern: 'src/**', required: true, validation_rule: 'has_tests' },
    { type: 'notes', required: false },
  ]);
  expect(doneOf('[optional] It is | passed >= 3')).toEqual([{ text: 'It is', rule: 'passed >= 3', required: false }]);
});
