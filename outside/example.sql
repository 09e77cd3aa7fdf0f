-- Um banco de exemplo, para ver funcionar o que a central consulta fora dela: a fonte `exemplo`.
-- É criado na pasta da central quando falta, com as datas contadas a partir desse dia.
-- Nada nele é de verdade: numa central de verdade, `sources` aponta para os bancos da cidade.

CREATE TABLE consultas (
    codigo   TEXT PRIMARY KEY,
    data     TEXT NOT NULL,
    hora     TEXT NOT NULL,
    unidade  TEXT NOT NULL,
    situacao TEXT NOT NULL CHECK (situacao IN ('marcada', 'confirmada', 'desmarcada'))
);

INSERT INTO consultas (codigo, data, hora, unidade, situacao) VALUES
    ('482915', date('now', '+7 days'),  '08:30', 'UBS Vila Mariana', 'marcada'),
    ('730264', date('now', '+12 days'), '14:00', 'UBS Itaquera',     'marcada'),
    ('156402', date('now', '+20 days'), '10:20', 'AMA Sé',           'confirmada'),
    ('905518', date('now', '+3 days'),  '16:40', 'UBS Grajaú',       'desmarcada');

CREATE TABLE pedidos (
    pedido    TEXT PRIMARY KEY,
    assunto   TEXT NOT NULL,
    cep       TEXT NOT NULL,
    numero    TEXT NOT NULL,
    endereco  TEXT NOT NULL,
    aberto_em TEXT NOT NULL,
    situacao  TEXT NOT NULL
);

INSERT INTO pedidos (pedido, assunto, cep, numero, endereco, aberto_em, situacao) VALUES
    ('3104871', 'buraco na rua',   '04014000', '120', 'Rua Vergueiro, 120',        date('now', '-9 days'),  'em execução'),
    ('3104902', 'poda de árvore',  '05409001', '88',  'Rua dos Pinheiros, 88',     date('now', '-15 days'), 'vistoria marcada'),
    ('3105230', 'entulho na rua',  '08210010', '45',  'Rua Victório Santim, 45',   date('now', '-2 days'),  'recebido'),
    ('3098417', 'bueiro entupido', '01310100', '900', 'Avenida Paulista, 900',     date('now', '-30 days'), 'concluído');

-- Um reforço por ligação: quem liga de novo pela mesma chamada não conta duas vezes.
CREATE TABLE reforcos (
    pedido  TEXT NOT NULL REFERENCES pedidos (pedido),
    chamada TEXT NOT NULL,
    PRIMARY KEY (pedido, chamada)
);

CREATE TABLE avisos (
    assunto  TEXT PRIMARY KEY,
    mensagem TEXT NOT NULL
);

INSERT INTO avisos (assunto, mensagem) VALUES
    ('onibus',    'As linhas de ônibus operam normalmente.'),
    ('vacinacao', 'A vacina contra a gripe está disponível para todos nas unidades básicas de saúde.');
